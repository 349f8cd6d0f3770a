from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "webapp.ops"
    label = "ops"

    def ready(self) -> None:
        from webapp.ops import frame

        frame.register()
