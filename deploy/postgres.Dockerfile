ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \
    && apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /run/secrets /run/postgresql /data
COPY deploy/start-postgres /usr/local/bin/
COPY deploy/tables.sql deploy/rights.sql /etc/stack/
USER stack
WORKDIR /data
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["psql", "-h", "/run/postgresql", "-U", "stayler", "-d", "stayler", "-Atqc", "SELECT count(*) FROM conversions"]
ENTRYPOINT ["start-postgres"]
