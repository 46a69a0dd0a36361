"""The devices' protocol in ten lines, so that a test need not trust what it tests."""
import json
import socket


def _xor(data, is_decrypting):
    key, out = 171, bytearray()
    for byte in data:
        out.append(byte ^ key)
        key = byte if is_decrypting else out[-1]
    return bytes(out)


def ask(address, port, request, within=10):
    """Sends one request object over TCP and returns the reply object."""
    text = _xor(json.dumps(request).encode(), is_decrypting=False)
    with socket.create_connection((address, port), within) as connection:
        connection.sendall(len(text).to_bytes(4, "big") + text)
        with connection.makefile("rb") as stream:
            size = int.from_bytes(stream.read(4), "big")
            return json.loads(_xor(stream.read(size), is_decrypting=True))


def sysinfo(address, port=9999):
    return ask(address, port, {"system": {"get_sysinfo": {}}})["system"]["get_sysinfo"]
