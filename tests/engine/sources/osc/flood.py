"""Sends as many packets as it is told to a port, as fast as it can: rising values, and as much noise."""

import socket
import struct
import sys


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    good = b"/node/gain-1/level\x00\x00,f\x00\x00"
    noise = (b"noise", b"/x", b"#bundle\x00", b"/node/none/level\x00\x00\x00\x00,f\x00\x00\x00\x00\x00\x00", bytes(900))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", port))
        for number in range(count):
            value = -60.0 + 60.0 * number / count
            out.send(good + struct.pack(">f", value) if number % 2 else noise[number // 2 % len(noise)])


if __name__ == "__main__":
    main()
