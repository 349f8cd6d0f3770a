"""A browser's user agent in words."""

from __future__ import annotations

# In the order in which they are tried: most browsers also name those that they descend from.
BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a Python program"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def first_of(words: tuple[tuple[str, str], ...], agent: str) -> str:
    """The word of the first mark that stands in the agent."""
    return next((word for mark, word in words if mark.lower() in agent.lower()), "")


def browser_words(agent: str) -> str:
    """ "Firefox on Linux", or less where less is told."""
    browser, system = first_of(BROWSERS, agent), first_of(SYSTEMS, agent)
    return " on ".join(filter(None, (browser or "A browser", system)))
