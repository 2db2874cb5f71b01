-- An Application is as well as what is in it. Argo CD leaves this out of its own judges, and without it an app of apps does not wait for the
-- operator before it makes the cloud.
local health = {status = "Progressing", message = "Waits for its first comparison"}
if obj.status ~= nil and obj.status.health ~= nil and obj.status.health.status ~= nil then
  health.status = obj.status.health.status
  health.message = obj.status.health.message or ""
end
return health
