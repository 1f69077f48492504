-- SPDX-License-Identifier: MIT
-- Applies a list of commands to one queue, atomically. What a transition does to a job is decided in
-- job_transitions.cpp. This script refuses a transition of a job that another coordinator has
-- changed meanwhile, and keeps jobs and indexes in step. Three rules are its own, as they take the
-- whole queue to decide: whose turn it is (fair_queue.lua), what counts as a duplicate, and how many
-- jobs may wait (commands.lua).
--
-- One script in Redis, seven files here, joined in this order: queue.lua, ids.lua, users.lua,
-- fair_queue.lua, jobs.lua, updates.lua, commands.lua. In front of them stand the constants that
-- they share with C++ (redis_job_script.cpp).
--
-- ARGV: now ('' for the server's clock), name of the caller, then commands: a word and its
-- arguments (redis_commands.hpp). Answer: now, counts, next due time, one answer per command.
--
-- KEYS[1] is the prefix P of all keys, with a hash tag: every key lies in one slot of a cluster.
--   P:jobs        hash    id -> version (4 bytes), status (1), records, 0, job (job_codec.hpp)
--   P:all         ids     every job            P:failed  ids  the dead letters
--   P:line:BTU    ids     the flow BTU: what waits in priority band B, of type T, for user U
--   P:turns:T     zset    flows (BTU) of a type, by position in turn
--   P:heads       zset    flows by the age of their first job
--   P:ahead       zset    what goes ahead of its user's others, in order of bytes (fair_queue.lua)
--   P:users       hash    user -> how many of its jobs wait (users.lua)
--   P:due         zset    id BTU by due time
--   P:leases      zset    id and version (4 bytes) of what is under lease, by end of lease
--   P:claims      hash    id -> record of a claim, until the job is written again
--   P:done:S      zset    final jobs of status S by end
--   P:flight:B, P:key:B   hash   digest -> id: conversions in flight, idempotency keys; in many
--                 small buckets, which Redis keeps as listpacks
--   P:counts      hash    P:paused  set of types
--   P:pauses      hash    type -> time since when it is paused, ':', its record (redis_commands.hpp)
--   P:pause_ends  zset    types by the time at which they go on by themselves
--   P:reaper      name of the coordinator that is the reaper, for a term
-- Channel P:wake: the caller's name, where there is work; the name and an id, where a job was
-- cancelled that somebody works on.
-- For "ids" see ids.lua.
--
-- The body of a job is opaque here. Where the script itself changes a job it leaves a record, which
-- the next reader replays: 'D' time (has become due) in front of the body, 'C' time, lease, worker,
-- instance id (was claimed) in P:claims. Bodies are long, and each that passes through Lua is hashed
-- there byte by byte: what is done for every job (claiming it, writing it under lease) reads none.

local P, CALLER = KEYS[1], ARGV[2]
local JOBS, CLAIMS, LEASES, COUNT = P .. ':jobs', P .. ':claims', P .. ':leases', P .. ':counts'
local WAKE, REAPER = P .. ':wake', P .. ':reaper'
local ARGV, call = ARGV, redis.call

local function server_time()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = tonumber(ARGV[1]) or server_time()

-- The arguments of the commands, read from front to back.
local position = 2

local function next_arg()
  position = position + 1
  return ARGV[position]
end

local function next_args(size)
  local first = position + 1
  position = position + size
  return unpack(ARGV, first, position)
end

-- A call costs more than most of what it does: what takes many members is called once for all. No
-- more than these at a time, as unpack() has a bound; an even number, so that pairs stay together.
local MEMBERS_PER_CALL = 1000

local function call_many(command, key, members)
  for first = 1, #members, MEMBERS_PER_CALL do
    call(command, key, unpack(members, first, math.min(first + MEMBERS_PER_CALL - 1, #members)))
  end
end

local function answer_many(command, key, members)
  local values = {}
  for first = 1, #members, MEMBERS_PER_CALL do
    local part = call(command, key, unpack(members, first, math.min(first + MEMBERS_PER_CALL - 1, #members)))
    for i = 1, #part do values[first + i - 1] = part[i] end
  end
  return values
end

local function push_pair(list, a, b)
  local size = #list
  list[size + 1], list[size + 2] = a, b
end

-- The counts, by the names in COUNTS; those of the states come first there, in their order.
local deltas = {}

local function count(name, by)
  deltas[name] = (deltas[name] or 0) + by
end

local function count_status(status, by)
  count(COUNTS[status + 1], by)
end

local function write_counts()
  for name, by in pairs(deltas) do
    if by ~= 0 then call('HINCRBY', COUNT, name, by) end
  end
end
