"""A small SMTP server on a real socket, as obliging or as broken as a test wants."""

import email
import socketserver
from email.policy import default
from threading import Event, Thread


class MailServer:
    """`received`: the letters it was handed, in full.

    answer: what it says to an address, "250" or a refusal. hangs_at: where it falls
    silent ("greeting" or "data"), which sets `is_hanging`.
    """

    def __init__(self):
        self.received, self.answer, self.hangs_at = [], "250", None
        self.is_hanging = Event()
        self.go_on = Event()
        self.port = 0
        self.start()

    def start(self):
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(
            ("127.0.0.1", self.port), _Session
        )
        self.server.daemon_threads = True
        self.server.post = self
        self.port = self.server.server_address[1]
        Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def disappear(self):
        self.server.shutdown()
        self.server.server_close()

    def stop(self):
        self.go_on.set()
        self.disappear()

    @property
    def ids(self):
        return [letter["Message-ID"] for letter in self.received]


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.post = self.server.post
        self.hang_at("greeting")
        self.say("220 uji")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                self.say(f"{self.post.answer} jawaban")
            elif verb == b"DATA":
                self.say("354 silakan")
                self.take_letter()
                self.hang_at("data")
                self.say("250 diterima")
            elif verb == b"QUIT":
                return self.say("221 sampai jumpa")
            else:
                self.say("250 ya")

    def take_letter(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        letter = email.message_from_bytes(b"".join(lines), policy=default)
        self.post.received.append(letter)

    def hang_at(self, where):
        if self.post.hangs_at == where:
            self.post.is_hanging.set()
            self.post.go_on.wait()

    def say(self, words):
        try:
            self.wfile.write(f"{words}\r\n".encode())
        except OSError:
            pass  # the other side has died
