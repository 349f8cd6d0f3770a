"""The ASGI application: pages and API over HTTP, jobs over websockets."""

import os
import tempfile

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from classifier.spec.loading import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
with loading():
    django.setup(set_prefix=False)  # what follows imports models
    tempfile.tempdir = settings.FILE_UPLOAD_TEMP_DIR  # Django spools a request's body to Python's own folder, often a small one in memory

    from webapp.api.gate import Gate
    from webapp.core import schema
    from webapp.core.handler import Handler
    from webapp.jobs.routing import websocket_urlpatterns

schema.of_code()  # as it is now, before an update changes the files
application = ProtocolTypeRouter({"http": Gate(Handler()), "websocket": URLRouter(websocket_urlpatterns)})
