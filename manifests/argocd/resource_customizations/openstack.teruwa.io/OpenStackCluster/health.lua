-- How well a cloud is, from its conditions. The operator writes them on its first visit; before it, and while the spec is newer than they
-- are, the cloud is on its way.
local health = {status = "Progressing", message = "Waits for the operator"}
if obj.status == nil or obj.status.conditions == nil then
  return health
end
if obj.status.observedGeneration == nil or obj.status.observedGeneration < obj.metadata.generation then
  health.message = "Waits for the operator to see generation " .. obj.metadata.generation
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local function is_true(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local ready = conditions["Ready"]
if ready ~= nil then
  health.message = ready.reason .. ": " .. ready.message
end
if obj.spec ~= nil and obj.spec.paused == true then
  health.status = "Suspended"
elseif is_true("Degraded") or is_true("Stalled") then
  health.status = "Degraded"
elseif is_true("Ready") then
  health.status = "Healthy"
end
return health
