"""The devices' protocol in ten lines, so that a test need not trust what it tests."""
import json
import socket


def xor(data, is_decrypting):
    key, out = 171, bytearray()
    for byte in data:
        out.append(byte ^ key)
        key = byte if is_decrypting else out[-1]
    return bytes(out)


def datagram(message):
    """The message as it goes over UDP."""
    return xor(json.dumps(message).encode(), is_decrypting=False)


def write(connection, message):
    text = datagram(message)
    connection.sendall(len(text).to_bytes(4, "big") + text)


def _read_bytes(connection, size):
    data = b""
    while len(data) < size and (piece := connection.recv(size - len(data))):
        data += piece
    return data


def read(connection):
    """The next message, None at the end."""
    try:
        size = int.from_bytes(_read_bytes(connection, 4), "big")
        text = _read_bytes(connection, size)
    except OSError:
        return None
    return json.loads(xor(text, is_decrypting=True)) if text else None


def ask(address, port, request, within=10):
    """Sends one request object over TCP and returns the reply object."""
    with socket.create_connection((address, port), within) as connection:
        write(connection, request)
        return read(connection)


def sysinfo(address, port=9999):
    return ask(address, port, {"system": {"get_sysinfo": {}}})["system"]["get_sysinfo"]
