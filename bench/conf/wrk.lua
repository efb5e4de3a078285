-- Sends the requests of one file in turn, and prints what was counted as one line of `name=number`.
local threads = 0

function setup(thread)
   thread:set("number", threads) -- each thread begins elsewhere
   threads = threads + 1
end

function init(args)
   local file = assert(io.open(args[1], "rb"))
   local requests = {}
   for length in function() return file:read("*l") end do
      requests[#requests + 1] = file:read(tonumber(length))
   end
   file:close()
   local count = #requests
   local at = (number * 331) % count
   function request()
      at = at % count + 1
      return requests[at]
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   print(string.format(
      "counted requests=%d micros=%d connect=%d read=%d write=%d timeout=%d status=%d p50=%d p99=%d",
      summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(99)))
end
