"""What a visitor with an empty cache waits for, in a real Chromium."""

import gzip
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread

from leksono_portal.run import browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
SLOW_3G = {"offline": False, "latency": 400}
SLOW_3G |= {"downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes a second
SLOWER = 4  # times, for the processor of a cheap phone
FIRST_PAINT = """() => new Promise(tell => {
  const seen = list => list.getEntriesByName('first-contentful-paint').forEach(
    entry => tell(entry.startTime))
  new PerformanceObserver(seen).observe({type: 'paint', buffered: true})
})"""

HEAD = """<!doctype html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Teks</title>
"""


@contextmanager
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=browser.find(), args=FLAGS
        )
        yield launched
        launched.close()


@contextmanager
def _phone(chromium):
    """A page of a browser that was never here."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="id")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    yield page, tools
    context.close()


def first_visit(chromium, address):
    """(kilobytes over the wire, requests, axe-core rules broken); photos not counted."""
    weights, kinds = {}, {}
    with _phone(chromium) as (page, tools):
        tools.on(
            "Network.responseReceived",
            lambda event: kinds.update({event["requestId"]: event["response"]}),
        )
        tools.on(
            "Network.loadingFinished",
            lambda event: weights.update(
                {event["requestId"]: event["encodedDataLength"]}
            ),
        )
        page.goto(address, wait_until="networkidle")
        counted = [
            weight
            for request, weight in weights.items()
            if not _is_photo(kinds[request])
        ]
        page.evaluate(AXE)
        broken = page.evaluate(
            "async () => (await axe.run(document)).violations.map(v => v.id)"
        )
    return sum(counted) / 1e3, len(counted), len(broken)


def _is_photo(response):
    is_image = response["mimeType"].startswith("image/")
    return is_image and "/static/" not in response["url"]


def text_of(chromium, address):
    """The lines a reader sees of the page."""
    with _phone(chromium) as (page, _tools):
        page.goto(address)
        return page.inner_text("body").splitlines()


def first_paint(chromium, address):
    """Milliseconds until the first text or picture is seen on slow 3G."""
    with _phone(chromium) as (page, tools):
        tools.send("Network.emulateNetworkConditions", SLOW_3G)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address)
        return page.evaluate(FIRST_PAINT)


@contextmanager
def bare():
    """Gives `add(path, lines)`: the address of the same text as bare HTML."""
    pages = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Encoding", "gzip" if body else "identity")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()

    def add(path, lines):
        text = "".join(f"<p>{escape(line)}</p>\n" for line in lines if line.strip())
        pages[path] = gzip.compress((HEAD + text).encode())
        return f"http://127.0.0.1:{server.server_port}{path}"

    try:
        yield add
    finally:
        server.shutdown()
        server.server_close()
