"""What a person does beside `watcher.review`: judge, forget, pause, count, walk through what waits, shape templates."""
