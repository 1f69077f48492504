
-- Jobs, and the indexes that follow from their states.

local function version_of(value)
  return struct.unpack('<I4', value)
end

local function next_version(value)
  return (version_of(value) + 1) % 4294967296
end

local function is_final(status)
  return status > PROCESSING
end

local function add_record(value, status, record)
  return struct.pack('<I4B', next_version(value), status) .. record .. string.sub(value, 6)
end

-- The job's value with all records; false where there is no such job.
local function read(id)
  local value = call('HGET', JOBS, id)
  local claim = value and call('HGET', CLAIMS, id)
  return claim and add_record(value, PROCESSING, claim) or value
end

local function lease_of(id, version)
  return id .. struct.pack('<I4', version)
end

-- Digests in buckets: idempotency keys (KEY) and conversions in flight (FLIGHT).
local KEY, FLIGHT = ':key:', ':flight:'

local function bucket_of(kind, digest)
  return P .. kind .. string.sub(digest, 1, 2)
end

local function remember(kind, digest, id)
  call('HSET', bucket_of(kind, digest), string.sub(digest, 3), id)
end

local function recall(kind, digest)
  if digest == '' then return nil end
  return call('HGET', bucket_of(kind, digest), string.sub(digest, 3))
end

local function forget(kind, digest)
  call('HDEL', bucket_of(kind, digest), string.sub(digest, 3))
end

-- Into the index of a status, or out of it. Jobs under lease are not meant: these are linked and
-- unlinked many at a time (updates.lua).
local function link(id, status, flow, at)
  if status == PENDING then
    flow_add(flow, id)
  elseif status == SCHEDULED then
    count_waiting(flow, call('ZADD', P .. ':due', at, id .. flow))
  else
    call('ZADD', P .. ':done:' .. status, at, id)
    if status == FAILED then ids_add(P .. ':failed', id) end
  end
end

local function unlink(id, status, flow)
  if status == PENDING then
    return flow_remove(flow, id)
  elseif status == SCHEDULED then
    local removed = call('ZREM', P .. ':due', id .. flow)
    count_waiting(flow, -removed)
    return removed
  end
  if status == FAILED then ids_remove(P .. ':failed', id) end
  return call('ZREM', P .. ':done:' .. status, id)
end

local function is_linked(id, version, status, flow)
  if status == PENDING then
    return flow_has(flow, id)
  elseif status == SCHEDULED then
    return call('ZSCORE', P .. ':due', id .. flow)
  elseif status == PROCESSING then
    return call('ZSCORE', LEASES, lease_of(id, version))
  end
  return call('ZSCORE', P .. ':done:' .. status, id)
end

-- The flow in which a waiting job is: a suspect that was put there by an earlier version, which knew
-- no flows of suspects, is still among the others.
local function flow_in_index(id, status, flow)
  local type = string.byte(flow, 2)
  if is_final(status) or status == PROCESSING or type < SUSPECT_BIT then return flow end
  local others = string.sub(flow, 1, 1) .. string.char(type - SUSPECT_BIT) .. string.sub(flow, 3)
  local is_with_others = not is_linked(id, 0, status, flow) and is_linked(id, 0, status, others)
  return is_with_others and others or flow
end

local function make_jobs_due()
  for _, member in ipairs(call('ZRANGEBYSCORE', P .. ':due', '-inf', now, 'LIMIT', 0, JOBS_PER_PASS)) do
    local id, flow = string.sub(member, 1, 16), string.sub(member, 17)
    count_waiting(flow, -call('ZREM', P .. ':due', member))
    local value = call('HGET', JOBS, id)
    if value then
      call('HSET', JOBS, id, add_record(value, PENDING, DUE_RECORD .. struct.pack('<I8', now)))
      flow_add(flow, id)
      count('scheduled', -1)
      count('pending', 1)
    else
      count('repaired', 1)
    end
  end
end
