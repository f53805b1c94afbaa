"""A person with a browser."""

from functools import cache

from tests.journeys.conftest import ROOT


@cache
def axe_script() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


class Visitor:
    """Checks every page it opens. `problems` collects policy violations, script errors and serious findings of axe."""

    def __init__(self, browser, base, **options):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options)
        self.page = self.context.new_page()
        self.base, self.problems, self._is_checking = base, [], False
        self.page.on("console", lambda m: self._note(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))

    def _note(self, text):
        if not self._is_checking and "404 (Not Found)" not in text:
            self.problems.append(f"{self.page.url}: {text}")

    def go(self, path):
        response = self.page.goto(path if path.startswith("http") else self.base + path)
        if response.status == 200:
            self.look()
        return response.status

    def look(self):
        """Check the page as it is now. axe inserts styles, which the policy refuses: messages about that are ignored."""
        self.wait_until_still()
        self._is_checking = True
        self.page.evaluate(axe_script())
        found = self.page.evaluate(
            "axe.run(document, {iframes: false, preload: false}).then(r => r.violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes[0].html))"
        )
        self.page.wait_for_timeout(50)
        self._is_checking = False
        self.problems += [f"{self.page.url}: axe {line}" for line in found]

    def wait_until_still(self):
        """Wait until the page hasn't changed for 150 ms (5 s at most): axe fails on elements that leave while it reads them."""
        self.page.evaluate(
            """() => new Promise((resolve) => {
                const underWay = ".htmx-request, .htmx-swapping, .htmx-settling"
                const stop = performance.now() + 5000
                let changed = performance.now()
                const observer = new MutationObserver(() => { changed = performance.now() })
                observer.observe(document, { attributes: true, childList: true, subtree: true, characterData: true })
                const look = () => {
                    const now = performance.now()
                    const still = now - changed > 150 && !document.querySelector(underWay)
                    if (!still && now < stop) return setTimeout(look, 30)
                    observer.disconnect()
                    resolve()
                }
                look()
            })"""
        )

    def press(self, name, **options):
        self.page.get_by_role("button", name=name, **options).first.click()
        self.page.wait_for_load_state()

    def choose(self, label, value):
        """Choose an option of a select that asks the server for another part of the form, and wait for that part."""
        from playwright.sync_api import expect

        with self.page.expect_response(lambda response: response.request.method == "POST"):
            self.page.get_by_label(label, exact=True).select_option(value)
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def confirm(self, name, yes):
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.locator("#confirm").get_by_role("button", name=yes, exact=True).click()
        self.page.wait_for_load_state()
