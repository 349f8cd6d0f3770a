"""Every page of the product, in one list: each is searched for barriers, measured at five widths and looked at in both themes.

A new page joins here; in its address stand fields of tests.browser.world.World.
"""

from __future__ import annotations

PAGES: tuple[str, ...] = (
    "/",
    "/datasets/",
    "/datasets/new/",
    "/datasets/{dataset}/",
    "/datasets/{dataset}/classes/",
    "/datasets/{dataset}/problems/",
    "/datasets/{failed}/",
    "/datasets/{failed}/problems/",
    "/experiments/",
    "/experiments/?q=nothing+has+this+name",
    "/experiments/new/",
    "/experiments/{experiment}/",
    "/queue/",
    "/classify/",
    "/models/",
    "/reports/",
    "/reports/{report}/",
    "/evaluations/{evaluation}/",
    "/account/",
    "/team/",
    "/team/audit/",
    "/trash/",
    "/search/?q=colo",
    "/api/v1/docs",
    "/nothing/here/",
)
SIGNED_OUT: tuple[str, ...] = ("/login/", "/password/lost/", "/api/v1/docs", "/setup/nothing/")
# As somebody in a team that has nothing yet.
EMPTY: tuple[str, ...] = ("/", "/datasets/", "/experiments/", "/experiments/new/", "/queue/", "/classify/", "/reports/", "/trash/")
