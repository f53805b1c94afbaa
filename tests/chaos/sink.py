"""An SMTP server that logs what it accepts before it answers, with faults on demand.

    python -m tests.chaos.sink LOG LATENCY SOFT LOST

LOG gets one line per accepted message: address and time.time(). LATENCY: seconds before the answer to a body. SOFT:
share of 451 refusals. LOST: share of messages that are accepted without an answer; half as many are dropped without
being accepted."""

import asyncio
import os
import random
import sys
import time

import uvloop

END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    log: int
    latency = soft = lost = 0.0

    def connection_made(self, transport):
        self.transport, self.rest, self.in_data, self.address = transport, b"", False, b""
        self.is_busy = False
        transport.write(b"220 chaos\r\n")

    def data_received(self, data):
        self.rest += data
        self.go_on()

    def go_on(self):
        while not self.is_busy:
            end = END if self.in_data else b"\r\n"
            at = self.rest.find(end)
            if at < 0:
                return
            line, self.rest = self.rest[:at], self.rest[at + len(end) :]
            if self.in_data:
                self.in_data, self.is_busy = False, True
                asyncio.get_running_loop().call_later(random.uniform(0.5, 1.5) * self.latency, self.take)
            else:
                self.command(line)

    def command(self, line: bytes) -> None:
        verb = line[:4].upper()
        answer = b"250 ok\r\n"
        if verb == b"EHLO":
            answer = b"250-chaos\r\n250 PIPELINING\r\n"
        elif verb == b"RCPT":
            self.address = line[line.index(b"<") + 1 : line.index(b">")]
        elif verb == b"DATA":
            self.in_data, answer = True, b"354 go on\r\n"
        self.transport.write(answer)
        if verb == b"QUIT":
            self.transport.close()

    def take(self) -> None:
        if self.transport.is_closing():
            return  # the client died before its message was accepted
        chance = random.random()
        self.is_busy = False
        if chance < self.soft:
            self.transport.write(b"451 4.3.0 try later\r\n")
        elif chance < self.soft + self.lost / 2:
            self.transport.abort()  # not accepted, and no answer
            return
        else:
            os.write(self.log, b"%b %.6f\n" % (self.address, time.time()))
            if chance < self.soft + self.lost * 1.5:
                self.transport.abort()  # accepted, and no answer
                return
            self.transport.write(b"250 2.0.0 taken\r\n")
        self.go_on()


async def main(log: str, *numbers: str) -> None:
    Sink.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    Sink.latency, Sink.soft, Sink.lost = map(float, numbers)
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
