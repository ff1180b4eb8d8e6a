"""Drops files on a window as a file manager does (XDND 5), by libX11: ``python dropping.py X Y TEXT``.

TEXT: the ``text/uri-list``. Exits with 0 once the window has taken it.
"""

import ctypes
import sys
import time

LIMIT_SECONDS = 60.0
CLIENT_MESSAGE, SELECTION_REQUEST, SELECTION_NOTIFY = 33, 30, 31
Long, Id, Pointer = ctypes.c_long, ctypes.c_ulong, ctypes.c_void_p
HEAD = (("type", ctypes.c_int), ("serial", Id), ("sent", ctypes.c_int), ("display", Pointer))


class Client(ctypes.Structure):
    _fields_ = (*HEAD, ("window", Id), ("kind", Id), ("format", ctypes.c_int), ("data", Long * 5))


class Request(ctypes.Structure):
    _fields_ = (
        *HEAD,
        ("owner", Id),
        ("requestor", Id),
        ("selection", Id),
        ("target", Id),
        ("property", Id),
        ("time", Id),
    )


class Notify(ctypes.Structure):
    _fields_ = (*HEAD, ("requestor", Id), ("selection", Id), ("target", Id), ("property", Id), ("time", Id))


class Event(ctypes.Union):
    _fields_ = (
        ("type", ctypes.c_int),
        ("client", Client),
        ("request", Request),
        ("notify", Notify),
        ("room", Long * 24),
    )


class Source:
    """A window of our own that has something to drop."""

    def __init__(self) -> None:
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = Pointer
        for name in ("XDefaultRootWindow", "XInternAtom", "XCreateSimpleWindow"):
            getattr(self.x11, name).restype = Id
        self.display = Pointer(self.x11.XOpenDisplay(None))
        self.root = int(self.x11.XDefaultRootWindow(self.display))
        self.own = int(self.x11.XCreateSimpleWindow(self.display, Id(self.root), 0, 0, 1, 1, 0, Id(0), Id(0)))

    def atom(self, name: str) -> int:
        return int(self.x11.XInternAtom(self.display, name.encode(), 0))

    def under(self, x: int, y: int) -> int:
        """The window that takes drops at a place of the screen."""
        window = self.root
        while not self._takes_drops(window):
            child, across, down = Id(), ctypes.c_int(), ctypes.c_int()
            places = ctypes.byref(across), ctypes.byref(down), ctypes.byref(child)
            self.x11.XTranslateCoordinates(self.display, Id(self.root), Id(window), x, y, *places)
            if not child.value:
                raise SystemExit("no window takes drops there")
            window = child.value
        return window

    def send(self, window: int, kind: str, *data: int) -> None:
        event = Event()
        event.client.type, event.client.window, event.client.format = CLIENT_MESSAGE, window, 32
        event.client.kind, event.client.display = self.atom(kind), self.display.value
        for place, value in enumerate(data):
            event.client.data[place] = value
        self._post(window, event)

    def answer(self, request: Request, data: bytes) -> None:
        """Give what is dropped to who asks for it."""
        names = Id(request.requestor), Id(request.property), Id(request.target)
        self.x11.XChangeProperty(self.display, *names, 8, 0, data, len(data))
        event = Event()
        event.notify.type = SELECTION_NOTIFY
        for name in ("requestor", "selection", "target", "property", "time"):
            setattr(event.notify, name, getattr(request, name))
        self._post(request.requestor, event)

    def next(self) -> Event | None:
        if not self.x11.XPending(self.display):
            return None
        event = Event()
        self.x11.XNextEvent(self.display, ctypes.byref(event))
        return event

    def _takes_drops(self, window: int) -> bool:
        kind, count, left, shape, data = Id(), Id(), Id(), ctypes.c_int(), Pointer()
        found = (ctypes.byref(one) for one in (kind, shape, count, left, data))
        aware = Id(self.atom("XdndAware"))
        self.x11.XGetWindowProperty(self.display, Id(window), aware, Long(0), Long(1), 0, Id(0), *found)
        return count.value > 0

    def _post(self, window: int, event: Event) -> None:
        self.x11.XSendEvent(self.display, Id(window), 0, Long(0), ctypes.byref(event))
        self.x11.XFlush(self.display)


def drop(x: int, y: int, text: str) -> None:
    """Drag a text over a window and let it go there. Raises SystemExit when it is not taken."""
    source = Source()
    source.x11.XSetSelectionOwner(source.display, Id(source.atom("XdndSelection")), Id(source.own), Id(0))
    window = source.under(x, y)
    source.send(window, "XdndEnter", source.own, 5 << 24, source.atom("text/uri-list"))
    source.send(window, "XdndPosition", source.own, 0, x << 16 | y, 0, source.atom("XdndActionCopy"))
    end, is_dropped = time.monotonic() + LIMIT_SECONDS, False
    while time.monotonic() < end:
        event = source.next()
        if event is None:
            time.sleep(0.005)
        elif event.type == SELECTION_REQUEST:
            source.answer(event.request, text.encode())
        elif event.type == CLIENT_MESSAGE and event.client.kind == source.atom("XdndFinished"):
            return
        elif event.type == CLIENT_MESSAGE and event.client.kind == source.atom("XdndStatus") and not is_dropped:
            is_dropped = True
            source.send(window, "XdndDrop", source.own)
    raise SystemExit("the window took nothing")


if __name__ == "__main__":
    drop(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
