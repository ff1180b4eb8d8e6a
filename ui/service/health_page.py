"""Health over HTTP: ``/health`` answers 200 when all is well and 503 when not, with the reasons as JSON."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/health"
# A question that is not asked in so long is not waited for.
TIMEOUT_SECONDS = 5.0


class HealthPage:
    """Answers until ``close``. health: gives ``health_of``. Raises OSError where it can't listen."""

    def __init__(self, host: str, port: int, health: Callable[[], Mapping[str, Any]]) -> None:
        class Answer(BaseHTTPRequestHandler):
            timeout = TIMEOUT_SECONDS

            def do_GET(self) -> None:
                if self.path.partition("?")[0] != PATH:
                    self.send_error(404, f"ask for {PATH}")
                    return
                found = health()
                body = json.dumps(found, indent=2).encode()
                self.send_response(200 if found["is_well"] else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Who asks every second is not worth a line."""

        self._server = ThreadingHTTPServer((host, port), Answer)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)
