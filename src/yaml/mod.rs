//! YAML as Prometheus reads it (go-yaml v2, YAML 1.1), with the place of every value.
