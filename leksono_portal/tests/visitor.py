"""A person at a browser: opens pages, presses, types; notes what is wrong."""

from contextlib import nullcontext
from datetime import datetime
from importlib.resources import files

from villages.tests.make import PASSWORD

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
# Colours on their way to others are waited for; style sheets need not be fetched again.
FINDINGS = """async () => {
    await Promise.allSettled(document.getAnimations().map(moving => moving.finished));
    const found = await axe.run(document, {preload: false});
    return found.violations.map(
        rule => rule.id + ": " + rule.nodes.map(node => node.target.join(" ")).join(", ")
    );
}"""

FRAME = (
    "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
)


class Visitor:
    """One browser context; collects CSP reports, script errors and axe findings."""

    def __init__(
        self, chromium, address, username=None, *, width=1280, password=PASSWORD, **more
    ):
        self.address = address
        self.width = width
        self.wrong = []
        self.has_script = more.get("java_script_enabled", True)
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
        self.fill(login=username, password=password)
        self.press("Masuk")
        assert self.page.url.endswith("/kerja/"), self.text

    def open(self, path):
        """Open `path` and look it over."""
        response = self.page.goto(self.address + path)
        self.look()
        return response

    def press(self, name, *, within="main"):
        """Press the button or link called `name`, then look the new page over."""
        place = self.page.locator(within)
        target = place.get_by_role("button", name=name).or_(
            place.get_by_role("link", name=name)
        )
        self._push(target.first)
        self.page.wait_for_load_state()
        self.look()

    def _push(self, target):
        with self._new_page(target):
            target.click()

    def _new_page(self, target):
        """Wait for it, where a script sends the form of a new part by itself."""
        is_sent = self.has_script and target.evaluate("e => !!e.form?.dataset.draft")
        return self.page.expect_event("load") if is_sent else nullcontext()

    @property
    def text(self):
        """What a reader sees of the page."""
        return self.page.inner_text("main")

    def fill(self, form="", **values):
        """Fill a form of the page: the only one, or that whose address ends so.

        All boxes of a name are ticked; of a choice its value is said, of a list the
        label or the place.
        """
        form = f'form[action$="{form}"]' if form else "main form[method=post]"
        for name, value in values.items():
            field = self.page.locator(f"{form} [name={name}]")
            kind = field.first.evaluate("field => field.type")
            if kind == "radio":
                choice = f'{form} [name={name}][value="{value}"]'
                self.choose(self.page.locator(choice))
            elif kind == "checkbox":
                for box in field.all():
                    self.choose(box)
            elif kind == "select-one":
                self._select(field, value)
            else:
                self.write(field, str(value))

    def choose(self, box):
        box.scroll_into_view_if_needed()
        if self.has_script:  # what was off the screen is drawn with the next frame
            self.page.evaluate(FRAME)
        box.check(force=True)

    def _select(self, field, option):
        by = "index" if isinstance(option, int) else "label"
        field.select_option(**{by: option})

    def write(self, field, text):
        field.fill(text)

    def look(self):
        """Axe over the page, no sideways scrolling; findings go to `wrong`.

        Axe itself needs script: it stays away where the browser has none.
        """
        self.measure()
        if not self.has_script:
            return
        self.page.evaluate(AXE)
        found = self.page.evaluate(FINDINGS)
        self.wrong += [f"{self.page.url}: axe {finding}" for finding in found]

    def measure(self):
        """No sideways scrolling."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.wrong.append(f"{self.page.url}: {wide} px wide at {self.width}")

    def picture(self, folder, name):
        self.page.screenshot(path=folder / f"{name}-{self.width}.png", full_page=True)

    def leave(self):
        self.context.close()


class KeyboardVisitor(Visitor):
    """A person without a mouse: reaches all by Tab, and must always see where they are.

    Goes to the content by the skip link first, and back by Shift+Tab.
    """

    STOPS = 250
    # Where the focus is: on `wanted`, before or after it; and whether that shows.
    WHERE = """wanted => {
        const at = document.activeElement;
        const rings = (element, part) => {
            const style = getComputedStyle(element, part);
            const line = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
            return style.opacity !== "0" && (line || style.boxShadow !== "none");
        };
        const near = [at, at.closest("label"), at.nextElementSibling];
        return {
            here: at === wanted || (at.type === "radio" && at.name === wanted.name
                && at.form === wanted.form),
            back: !!(at.compareDocumentPosition(wanted)
                & Node.DOCUMENT_POSITION_PRECEDING) && at !== document.body,
            none: at === document.body,
            shows: near.some(one => one && (rings(one) || rings(one, "::after"))),
            what: at.outerHTML.slice(0, 120),
        };
    }"""

    def _reach(self, target):
        """Tab until `target` (or the group of choices it is in) has the focus."""
        wanted = target.element_handle()
        at = self.page.evaluate(self.WHERE, wanted)
        # A page opened at a part of it starts there.
        if at["none"] and "#" not in self.page.url:
            self._skip_to_content(wanted)
        for _stop in range(self.STOPS):
            if at["here"]:
                return
            self.page.keyboard.press("Shift+Tab" if at["back"] else "Tab")
            at = self.page.evaluate(self.WHERE, wanted)
            if not at["shows"] and not at["none"]:
                self.wrong.append(f"{self.page.url}: focus not seen: {at['what']}")
        raise AssertionError(f"{self.page.url}: not reached by Tab: {target}")

    def _skip_to_content(self, wanted):
        self.page.keyboard.press("Tab")
        at = self.page.evaluate(self.WHERE, wanted)
        if 'class="skip"' not in at["what"] or not at["shows"]:
            raise AssertionError(f"{self.page.url}: no skip link: {at['what']}")
        self.page.keyboard.press("Enter")

    def _push(self, target):
        self._reach(target)
        stays = target.evaluate("e => !!e.form?.querySelector('[data-cell]')")
        with nullcontext() if stays else self.page.expect_event("load"):
            self.page.keyboard.press("Enter")

    def choose(self, box):
        self._reach(box)
        for _choice in range(20):
            if box.evaluate("box => box === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        if not box.is_checked():
            self.page.keyboard.press("Space")

    def _select(self, field, option):
        self._reach(field)
        labels = field.evaluate("list => [...list.options].map(o => o.label)")
        place = option if isinstance(option, int) else labels.index(option)
        now = field.evaluate("list => list.selectedIndex")
        key = "ArrowDown" if place > now else "ArrowUp"
        for _step in range(abs(place - now)):
            self.page.keyboard.press(key)

    def write(self, field, text):
        self._reach(field)
        shapes = {"date": ("%d%m%Y", "%m%d%Y"), "time": ("%H%M", "%I%M%p")}
        shapes = shapes.get(field.get_attribute("type"))
        if not shapes:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
            return
        # The language of the browser, not of the page, says which part comes first.
        for shape in shapes:
            self.page.keyboard.type(f"{datetime.fromisoformat(_moment(text)):{shape}}")
            if field.input_value() == text:
                return
            for _part in range(3):
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{self.page.url}: {text} cannot be typed")


def _moment(text):
    return text if "-" in text else f"2000-01-01T{text}"
