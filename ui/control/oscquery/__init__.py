"""OSCQuery: what can be turned, told over HTTP and WebSocket, so that phones and ossia build their own surfaces."""
