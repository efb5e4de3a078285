-- Sends the bytes of one file again and again, and prints what was counted as one line of `name=number`.
function wrk.init(args)
   local file = assert(io.open(args[1], "rb"))
   local bytes = file:read("*a")
   file:close()
   wrk.request = function() return bytes end
end

function done(summary, latency, requests)
   local errors = summary.errors
   print(string.format(
      "counted requests=%d micros=%d connect=%d read=%d write=%d timeout=%d status=%d p50=%d p99=%d",
      summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(99)))
end
