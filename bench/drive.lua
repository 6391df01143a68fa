-- SPDX-License-Identifier: Apache-2.0
-- Sends one prepared request again and again, with another value in its place of "@@" each time.
-- wrk ... -- TEMPLATE VALUES: files; VALUES holds one value a line, or nothing.

local template, values, place, last = "", {}, 0, nil

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  template = read(args[1])
  for value in read(args[2]):gmatch("[^\n]+") do values[#values + 1] = value end
  local at = template:find("@@", 1, true)
  if at then
    head, tail = template:sub(1, at - 1), template:sub(at + 2)
  else
    head, tail = template, nil
  end
end

function request()
  if not tail then return head end
  place = place + 1
  if place > #values then
    wrk.thread:stop()
    place = #values
  end
  return head .. values[place] .. tail
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "\nDRIVEN %d %d %d %d %d %d\n",
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(95)))
end
