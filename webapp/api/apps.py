from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "webapp.api"
    label = "api"

    def ready(self) -> None:
        from webapp.api import making
        from webapp.datasets.hooks import when_erased

        when_erased.add("webapp.api.erasing.forget")
        making.watch()
