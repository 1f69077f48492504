# What watches the stack. Targets: prometheus, alertmanager, logs (the collector of its log lines).
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS prometheus
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends prometheus \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /data
COPY config/prometheus/ /etc/stack/prometheus/
COPY deploy/probe /usr/local/bin/
USER stack
WORKDIR /data
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["probe", "9090", "/-/ready"]
ENTRYPOINT ["prometheus", "--config.file=/etc/stack/prometheus/prometheus.yml", "--storage.tsdb.path=/data", \
    "--storage.tsdb.retention.time=15d", "--web.listen-address=0.0.0.0:9090"]

FROM ${BASE} AS alertmanager
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends prometheus-alertmanager \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /data
COPY config/alertmanager/alertmanager.yml /etc/stack/alertmanager.yml
COPY deploy/probe /usr/local/bin/
USER stack
WORKDIR /data
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["probe", "9093", "/-/ready"]
ENTRYPOINT ["prometheus-alertmanager", "--config.file=/etc/stack/alertmanager.yml", "--storage.path=/data", \
    "--web.listen-address=0.0.0.0:9093", "--cluster.listen-address="]

FROM ${BASE} AS logs
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends rsyslog jq \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /data
COPY config/rsyslog/rsyslog.conf /etc/stack/rsyslog.conf
COPY scripts/logs-of /usr/local/bin/
USER stack
WORKDIR /data
ENV LOGS=/data ADDRESS=0.0.0.0 PORT=5514
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5514"]
ENTRYPOINT ["rsyslogd", "-n", "-f", "/etc/stack/rsyslog.conf", "-i", "NONE"]
