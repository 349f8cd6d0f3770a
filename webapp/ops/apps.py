from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "webapp.ops"
    label = "ops"

    def ready(self) -> None:
        import webapp.checks  # noqa: F401  # registers itself
        from webapp.ops import frame

        frame.register()
