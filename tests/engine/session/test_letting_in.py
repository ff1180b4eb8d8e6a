"""Clients are let in for weeks, also after a moment in which the system had no room for one."""

import errno
import socket
from typing import Any

from latent_terrain.engine.session import attached


def test_clients_are_let_in_after_one_for_whom_the_system_had_no_room(monkeypatch: Any) -> None:
    monkeypatch.setattr(attached, "NO_ROOM_SECONDS", 0.0)
    let_in: list[socket.socket] = []

    class Full(socket.socket):
        refused = 2

        def accept(self) -> Any:
            if self.refused:
                self.refused -= 1
                raise OSError(errno.EMFILE, "too many open files")
            return super().accept()

    def take(connection: socket.socket) -> None:
        let_in.append(connection)
        if len(let_in) == 1:
            raise RuntimeError("can't start new thread")

    with Full() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        clients = [socket.create_connection(listener.getsockname(), 5) for _ in range(2)]
        attached.accept_all(listener, take, lambda: len(let_in) == 2)
        assert clients[0].recv(1) == b""  # it was hung up on
        for one in (*clients, *let_in):
            one.close()
