-- Private host keys are forgotten once the server has them; stores of before kept them.
DELETE FROM secrets WHERE name = 'host_key_once' AND owner IN (
    SELECT 'bot/' || d.bot_id FROM deployments AS d JOIN steps AS s ON s.deployment_id = d.id
    WHERE s.name = 'create_server' AND s.status = 'done');
DELETE FROM secrets WHERE name = 'host_key_next' AND owner IN (
    SELECT 'bot/' || d.bot_id FROM deployments AS d JOIN steps AS s ON s.deployment_id = d.id
    WHERE s.name = 'rotate_host_key' AND s.status = 'done');
-- What is old enough to be forgotten is found by its time, and so is what is exported.
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX bots_destroyed ON bots (updated_at) WHERE status = 'destroyed';
