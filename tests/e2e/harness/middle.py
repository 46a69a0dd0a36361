"""Stands between a program and a device and can make single methods go wrong."""
import socket
import threading

from . import wire
from .impostor import free_address


def _methods(request):
    return [
        f"{module}.{method}"
        for module, methods in request.items()
        if module != "context"
        for method in methods
    ]


class Middle:
    """The device at address and port, seen at another address with the same port.

    hang_from(method): from the first such request on it never answers anything again.
    swallow(method):   the device carries the next such request out, but nobody hears of it."""

    def __init__(self, address, port):
        self.port = port
        self.address = free_address()
        self.requests = []  # "module.method", as they came
        self._device = (address, port)
        self._hangs_from, self._is_hung, self._swallows = None, False, []
        self._server = socket.create_server((self.address, port))
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_from(self, method):
        self._hangs_from = method

    def swallow(self, method):
        self._swallows.append(method)

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return  # closed
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        while request := wire.read(connection):
            methods = _methods(request)
            self.requests += methods
            self._is_hung = self._is_hung or self._hangs_from in methods
            if self._is_hung:
                return  # and the connection stays open
            reply = wire.ask(*self._device, request)
            if self._swallows and self._swallows[0] in methods:
                self._swallows.pop(0)
                break
            wire.write(connection, reply)
        connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            connection.close()
