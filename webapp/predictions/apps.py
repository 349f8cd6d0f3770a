from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    name = "webapp.predictions"
    label = "predictions"

    def ready(self) -> None:
        from webapp.datasets.hooks import Taker, takers

        takers["classification"] = Taker(
            check="webapp.predictions.many.arriving.check",
            make="webapp.predictions.many.arriving.make",
            form="predictions:many",
            page="predictions:detail",
            call="/classifications/{}",
        )
