"""Sending many requests and counting answers: by wrk where it is installed, else by threads."""

import http.client
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

WRK = shutil.which("wrk")

_SCRIPT = """
local requests, i = {}, 0
function init(args)
  for n, path in ipairs(PATHS) do
    requests[n] = wrk.format(METHOD, path, HEADERS, BODIES[n])
  end
end
function request()
  i = i % #requests + 1
  return requests[i]
end
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.status + errors.timeout + errors.connect + errors.read + errors.write))
end
"""


@dataclass(frozen=True)
class Load:
    """Requests sent in turn, over and over."""

    paths: Sequence[str]
    method: str = "GET"
    bodies: Sequence[str] = ()
    headers: dict[str, str] = field(default_factory=dict)
    connections: int = 16


@dataclass(frozen=True)
class Result:
    requests: int
    seconds: float
    median_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def run(base: str, load: Load, *, seconds: float) -> Result:
    return (_by_wrk if WRK else _by_threads)(base, load, seconds)


def _by_wrk(base: str, load: Load, seconds: float) -> Result:
    # A JSON string of these characters is one of Lua too.
    constants = (
        f"PATHS = {_lua(load.paths)}\nBODIES = {_lua(load.bodies)}\n"
        f"METHOD = {json.dumps(load.method)}\nHEADERS = {{"
        + ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in load.headers.items())
        + "}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(constants + _SCRIPT)
        threads = min(2, load.connections)
        command = f"{WRK} -t{threads} -c{load.connections} -d{seconds:.0f}s --timeout 30s -s"
        printed = subprocess.run(
            [*command.split(), str(script), base], capture_output=True, text=True, check=True
        ).stdout
    line = next(line for line in printed.splitlines() if line.startswith("RESULT "))
    requests, duration_us, median_us, p99_us, errors = map(int, line.split()[1:])
    return Result(requests, duration_us / 1e6, median_us / 1e3, p99_us / 1e3, errors)


def _lua(texts: Sequence[str]) -> str:
    return "{" + ", ".join(json.dumps(text) for text in texts) + "}"


def _by_threads(base: str, load: Load, seconds: float) -> Result:
    """Slower than what it measures: look at the processor time per request."""
    address = urlsplit(base).netloc
    until = time.monotonic() + seconds

    def one_connection(start: int) -> tuple[list[float], int]:
        connection, times, errors = http.client.HTTPConnection(address, timeout=30), [], 0
        turn = start
        while time.monotonic() < until:
            turn = (turn + 1) % len(load.paths)
            body = load.bodies[turn] if load.bodies else None
            began = time.perf_counter()
            connection.request(load.method, load.paths[turn], body, load.headers)
            answer = connection.getresponse()
            answer.read()
            times.append((time.perf_counter() - began) * 1e3)
            errors += answer.status >= 400
        connection.close()
        return times, errors

    began = time.monotonic()
    with ThreadPoolExecutor(load.connections) as pool:
        results = list(pool.map(one_connection, range(load.connections)))
    times = sorted(taken for times, _ in results for taken in times)
    return Result(
        requests=len(times),
        seconds=time.monotonic() - began,
        median_ms=statistics.median(times),
        p99_ms=times[int(len(times) * 0.99)],
        errors=sum(errors for _, errors in results),
    )
