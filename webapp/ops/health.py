"""For load balancers and scripts: does the process live, and can the whole of it work?"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from webapp.jobs.services import services

NEVER = {"Cache-Control": "no-store"}


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"}, headers=NEVER)


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part can do its work, with a sentence in `late` for what needs an eye all the same; else 503 with one in `down`."""
    found = services()
    down = {service.name: service.sentence for service in found if not service.ok}
    late = {service.name: service.sentence for service in found if service.late}
    body = {"status": "down" if down else "ok", "down": down, "late": late, "services": [service.name for service in found]}
    return JsonResponse(body, status=503 if down else 200, headers=NEVER)
