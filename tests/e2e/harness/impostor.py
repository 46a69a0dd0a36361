"""Somebody on the network who answers searches with what the test wants."""
import itertools
import json
import os
import socket
import threading

from . import wire

# Every process of a test run has addresses of its own.
_numbers = itertools.count(os.getpid() % 200 * 64 + 1)


def free_address():
    number = next(_numbers)
    return f"127.200.{number // 250 % 250}.{number % 250 + 1}"


def sysinfo(mac, alias="Impostor", **members):
    """A plug's answer to get_sysinfo."""
    return {
        "system": {
            "get_sysinfo": {
                "err_code": 0, "model": "HS100(EU)", "type": "IOT.SMARTPLUGSWITCH", "mac": mac,
                "alias": alias, "relay_state": 0, "on_time": 0, "feature": "TIM", "deviceId": "ID",
                "hwId": "HW", "latitude": 52.5, "longitude": 13.4, **members,
            }
        }
    }


def tdp(mac, model="HS100(UK)", encryption="KLAP"):
    """A datagram of newer firmware: a header nobody checks, then JSON in clear."""
    return bytes(16) + json.dumps(
        {
            "error_code": 0,
            "result": {
                "device_id": 32 * "0", "owner": 32 * "0", "device_type": "IOT.SMARTPLUGSWITCH",
                "device_model": model, "ip": "127.0.0.1", "mac": mac.replace(":", "-"),
                "hw_ver": "4.1", "factory_default": False,
                "mgt_encrypt_schm": {
                    "is_support_https": False, "encrypt_type": encryption, "http_port": 80,
                },
            },
        }
    ).encode()


class Impostor:
    """Answers each probe on port with the datagram, and TCP requests with the reply, if any."""

    def __init__(self, port, datagram, reply=None, broadcast="127.255.255.255"):
        self.address, self.port = free_address(), port
        self.requests = []  # what came over TCP
        self._datagram, self._reply = datagram, reply
        self._ear = self._udp(broadcast)
        self._mouth = self._udp(self.address)
        self._server = None
        threading.Thread(target=self._answer_searches, daemon=True).start()
        if reply:
            self._server = socket.create_server((self.address, port))
            threading.Thread(target=self._answer_requests, daemon=True).start()

    def _udp(self, address):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, self.port))
        return sock

    def _answer_searches(self):
        while True:
            try:
                probe, peer = self._ear.recvfrom(65536)
                if not probe:
                    return  # closed
                self._mouth.sendto(self._datagram, peer)
            except OSError:
                return

    def _answer_requests(self):
        while True:
            try:
                connection, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
            except OSError:
                return

    def _serve(self, connection):
        with connection:
            while request := wire.read(connection):
                self.requests.append(request)
                wire.write(connection, self._reply)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in (self._ear, self._mouth, self._server):
            if sock:
                # Wakes whoever waits in it.
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                sock.close()
