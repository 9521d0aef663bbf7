"""A person at a browser: opens pages, presses, types; notes what is wrong."""

from importlib.resources import files

from villages.tests.make import PASSWORD

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()


class Visitor:
    """One browser context; collects CSP reports, script errors and axe findings."""

    def __init__(
        self, chromium, address, username=None, *, width=1280, password=PASSWORD, **more
    ):
        self.address = address
        self.width = width
        self.wrong = []
        options = {"viewport": {"width": width, "height": 800}, "locale": "id-ID"}
        self.context = chromium.new_context(**(options | more))
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        if username:
            self.sign_in(username, password)

    def _heard(self, message):
        if message.type == "error" and "Content Security Policy" in message.text:
            self.wrong.append(f"{self.page.url}: {message.text}")

    def sign_in(self, username, password=PASSWORD):
        self.page.goto(f"{self.address}/akun/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit], main form button")
        self.page.wait_for_url("**/kerja/")
        self.look()

    def open(self, path):
        """Open `path` and look it over."""
        response = self.page.goto(self.address + path)
        self.look()
        return response

    def press(self, name):
        """Press the button or link called `name`, then look the new page over."""
        page = self.page.locator("main")
        target = page.get_by_role("button", name=name).or_(
            page.get_by_role("link", name=name)
        )
        target.first.click()
        self.page.wait_for_load_state()
        self.look()

    @property
    def text(self):
        """What a reader sees of the page."""
        return self.page.inner_text("main")

    def fill(self, form="", **values):
        """Fill a form of the page: the only one, or that whose address ends so."""
        form = f'form[action$="{form}"]' if form else "main form[method=post]"
        for name, value in values.items():
            field = self.page.locator(f"{form} [name={name.replace('__', '-')}]")
            kind = field.first.evaluate("field => field.type")
            if kind == "radio":
                self.page.check(f'{form} [name={name}][value="{value}"]', force=True)
            elif kind == "checkbox":
                for box in field.all():
                    box.check(force=True)
            elif kind == "select-one":
                field.select_option(label=value)
            else:
                field.fill(str(value))

    def look(self):
        """Axe over the page, no sideways scrolling; findings go to `wrong`."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "async () => (await axe.run(document)).violations.map("
            "v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))"
        )
        self.wrong += [f"{self.page.url}: axe {finding}" for finding in found]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.wrong.append(f"{self.page.url}: {wide} px wide at {self.width}")

    def picture(self, folder, name):
        self.page.screenshot(path=folder / f"{name}-{self.width}.png", full_page=True)

    def leave(self):
        self.context.close()
