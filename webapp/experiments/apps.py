from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "webapp.experiments"
    label = "experiments"

    def ready(self) -> None:
        from webapp.datasets.hooks import users_from

        users_from.add("webapp.experiments.queries.users_of")
