-- SPDX-License-Identifier: MIT
-- Publishes one process's record, and answers with those of the others.
--
--   KEYS[1]   the queue's prefix
--   ARGV      id of the process, its record, ms after which the record expires
--   answer    {record ...}
--
--   P:peers       hash   id -> record
--   P:peers:ends  zset   ids by the time at which their records expire
-- Time is the server's, so that the clocks of the hosts do not matter.
local records, ends = KEYS[1] .. ':peers', KEYS[1] .. ':peers:ends'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HSET', records, ARGV[1], ARGV[2])
redis.call('ZADD', ends, now + ARGV[3], ARGV[1])
for _, expired in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now)) do
  redis.call('HDEL', records, expired)
  redis.call('ZREM', ends, expired)
end
redis.call('PEXPIRE', records, ARGV[3])
redis.call('PEXPIRE', ends, ARGV[3])

local others = {}
local all = redis.call('HGETALL', records)
for i = 1, #all, 2 do
  if all[i] ~= ARGV[1] then
    others[#others + 1] = all[i + 1]
  end
end
return others
