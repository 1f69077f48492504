ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends haproxy \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack
COPY deploy/haproxy.cfg /etc/stack/haproxy.cfg
COPY deploy/probe /usr/local/bin/
USER stack
STOPSIGNAL SIGUSR1
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["probe", "8404", "/up"]
ENTRYPOINT ["haproxy", "-f", "/etc/stack/haproxy.cfg"]
