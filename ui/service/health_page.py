"""Health over HTTP: ``/health`` answers 200 when all is well and 503 when not, with the reasons as JSON."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/health"
# A question that is not asked in so long is not waited for.
TIMEOUT_SECONDS = 5.0
# Those who are answered at once; each has a thread. Who comes meanwhile waits, so many at most.
MOST_ASKING, MOST_WAITING = 32, 128
log = logging.getLogger(__name__)


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
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Who asks every second is not worth a line."""

        self._server = _Server((host, port), Answer)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = MOST_WAITING

    def __init__(self, *given: Any) -> None:
        self._free = threading.BoundedSemaphore(MOST_ASKING)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own, where one is free; who comes too much is hung up on."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Answer, and let the next one in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up before the answer is no fault, and no trace in the log of weeks."""
        log.info("health: an answer failed", exc_info=True)
