"""A device at an address of its own, made of answers: what it says over UDP, over TDP and over TCP
need not agree, nor be a device's. It does not hear broadcasts: impostor.py does.

    with Responder(port, udp=impostor.sysinfo("50:C7:BF:00:00:01")) as liar: ...
"""
import json
import os
import select
import socket
import threading

from .impostor import free_address
from .wire import xor

TDP_PORT = 20002
TDP_HEADER_BYTES = 16


def tdp(mac, device_type="IOT.SMARTPLUGSWITCH", encryption="KLAP", **more):
    return {
        "error_code": 0,
        "result": {
            "device_id": "SECRET-DEVICE",
            "owner": "SECRET-OWNER",
            "device_type": device_type,
            "device_model": "HS100(UK)",
            "ip": "192.0.2.1",
            "mac": mac.replace(":", "-"),
            "hw_ver": "4.1",
            "mgt_encrypt_schm": {"encrypt_type": encryption, "http_port": 80, "lv": 2},
            **more,
        },
    }


def _bytes(answer):
    return answer if isinstance(answer, bytes) else json.dumps(answer).encode()


class Responder:
    """udp and tcp are objects, or the bytes before they are obfuscated; raw is sent as it is."""

    def __init__(self, port, *, udp=None, tdp_answer=None, tcp=None, raw=None):
        self.address = free_address()
        self._stop, self._stopped = os.pipe()
        self._handlers = {}
        if udp is not None or raw is not None:
            answer = raw if raw is not None else xor(_bytes(udp), is_decrypting=False)
            self._open(socket.SOCK_DGRAM, port, self._replier(answer))
        if tdp_answer is not None:
            answer = bytes(TDP_HEADER_BYTES) + _bytes(tdp_answer)
            self._open(socket.SOCK_DGRAM, TDP_PORT, self._replier(answer))
        if tcp is not None:
            text = xor(_bytes(tcp), is_decrypting=False)
            frame = len(text).to_bytes(4, "big") + text
            self._open(socket.SOCK_STREAM, port, self._server(frame))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _open(self, kind, port, handler):
        listener = socket.socket(socket.AF_INET, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, port))
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        self._handlers[listener] = handler

    @staticmethod
    def _replier(answer):
        def reply(listener):
            _, peer = listener.recvfrom(4096)
            listener.sendto(answer, peer)

        return reply

    @staticmethod
    def _server(frame):
        def serve(listener):
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                if connection.recv(4096):
                    connection.sendall(frame)

        return serve

    def _run(self):
        while True:
            ready, _, _ = select.select([*self._handlers, self._stop], [], [])
            if self._stop in ready:
                return
            for listener in ready:
                self._handlers[listener](listener)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.write(self._stopped, b"x")
        self._thread.join(10)
        for listener in self._handlers:
            listener.close()
        os.close(self._stop)
        os.close(self._stopped)
