import sys
from playwright.sync_api import sync_playwright
base, home, profile = sys.argv[1:4]
quiet = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch_persistent_context(
        profile, executable_path="/usr/bin/chromium", args=quiet, env={"HOME": home}, headless=True)
    page = browser.new_page()

    def submit(selector):
        with page.expect_navigation():
            page.click(selector)

    def heading():
        return page.locator("h1").first.inner_text()

    page.goto(base + "/")
    assert heading() == "SEALED", page.content()
    assert "post-quantum" in page.content() and "not post-quantum" not in page.locator("section").first.inner_text()

    submit("text=Look at all hops of the tour")
    assert page.url == base + "/tour", page.url
    assert heading() == "SEALED"
    page.fill("#secret", "correct horse battery")
    submit("text=Send it")
    assert heading() == "NOT FOUND", page.content()
    sections = page.locator("section").all_inner_texts()
    assert len(sections) == 5, sections
    for hop in sections[:4]:
        assert "not found" in hop and "found 0 times" in hop, hop
    assert "found 0 times" not in sections[4] and "correct" in sections[4], sections[4]
    assert "PostgreSQL's SSLRequest" in page.locator("section").nth(3).text_content(), sections[3]

    for kind in ["wrong-name", "expired", "cleartext", "old-tls", "untrusted"]:
        page.goto(base + "/tour")
        submit(f'button[value="{kind}"]')
        assert heading() in ("WEAK", "CLEAR"), (kind, page.content())
        refused = page.goto(base + "/")
        assert refused.status == 502, (kind, refused.status)
        assert "balancer → app" in page.content(), (kind, page.content())
        submit("button:text-is('Mend')")
        page.goto(base + "/")
        assert heading() == "SEALED", (kind, page.content())
    browser.close()
print("done")
