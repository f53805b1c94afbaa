"""An SMTP server that takes everything, in a process of its own; prints its port."""

import asyncio


class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest, self.in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        self.rest += data
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            place = self.rest.find(end)
            if place < 0:
                return
            line, self.rest = self.rest[:place], self.rest[place + len(end) :]
            self.transport.write(self.answer(line))

    def answer(self, line: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            return b"250 taken\r\n"
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.close()
            return b"221 bye\r\n"
        return b"250 ok\r\n"


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
