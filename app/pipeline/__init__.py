"""Where stages and archive meet: the only place that knows both."""
