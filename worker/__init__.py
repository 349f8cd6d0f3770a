"""The workers: the only room that knows both the web's rows and the engine."""
