-- How well a node that runs guests is. The operator makes one for each; Git has none of them.
local health = {status = "Progressing", message = "Waits for nova-compute"}
if obj.status == nil or obj.status.state == nil then
  return health
end
local state = obj.status.state
if obj.status.message ~= nil then
  health.message = obj.status.message
else
  health.message = state
end
if state == "Up" then
  health.status = "Healthy"
elseif state == "Disabled" then
  health.status = "Suspended"
elseif state ~= "Starting" then
  health.status = "Degraded"
end
return health
