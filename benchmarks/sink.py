"""An SMTP server that accepts everything, in a process of its own. Prints its port, then, on SIGUSR1, its counts.

    python -m benchmarks.sink [--lock-step] [--rtt MS] [--tls CERT KEY]

Round trips are counted from the server's side: how often the client waited for the server, that is, how many times
answers were written before the client sent more. `--rtt` delays what is written by so many milliseconds."""

import argparse
import asyncio
import json
import signal
import ssl

import uvloop

COUNTS = {"messages": 0, "round_trips": 0, "connections": 0}
END = b"\r\n.\r\n"
ENVELOPE = 2000  # bytes of MAIL, RCPT and DATA, at most


class Sink(asyncio.Protocol):
    offers = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
    delay = 0.0

    def connection_made(self, transport):
        self.transport, self.lines, self.in_data, self.tail = transport, b"", False, b""
        COUNTS["connections"] += 1
        self.write(b"220 sink\r\n")

    def write(self, answers: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.answer, answers)
        else:
            self.transport.write(answers)

    def answer(self, answers: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answers)

    def data_received(self, data):
        answers = []
        while data:
            data = self.skip_body(data, answers) if self.in_data else self.read_commands(data, answers)
        if answers:
            COUNTS["round_trips"] += 1
            self.write(b"".join(answers))

    def skip_body(self, data: bytes, answers: list) -> bytes:
        # Of earlier data, keep only the bytes that may hold the start of END: messages are never assembled here.
        seam = self.tail + data[:4]
        at = seam.find(END)
        if at >= 0:
            rest = data[at + 5 - len(self.tail) :]
        else:
            # At most one envelope follows END, because the client waits for the answer: search only that far back.
            at = data.rfind(END, max(0, len(data) - ENVELOPE))
            if at < 0:
                self.tail = (self.tail + data)[-4:]
                return b""
            rest = data[at + 5 :]
        self.in_data, self.tail = False, b""
        COUNTS["messages"] += 1
        answers.append(b"250 taken\r\n")
        return rest

    def read_commands(self, data: bytes, answers: list) -> bytes:
        lines = self.lines + data
        while True:
            at = lines.find(b"\n")
            if at < 0:
                self.lines = lines
                return b""
            line, lines = lines[:at], lines[at + 1 :]
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_data, self.lines, self.tail = True, b"", b"\r\n"
                answers.append(b"354 go on\r\n")
                return lines
            answers.append(self.offers if verb == b"EHLO" else b"250 ok\r\n")
            if verb == b"QUIT":
                self.transport.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lock-step", action="store_true")
    parser.add_argument("--rtt", type=float, default=0)
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    Sink.delay = options.rtt / 1000
    if options.lock_step:
        Sink.offers = b"250 sink\r\n"
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0, ssl=context)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: print(json.dumps(COUNTS), flush=True))
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopped.wait()


if __name__ == "__main__":
    uvloop.run(main())
