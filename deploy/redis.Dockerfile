ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 stack && useradd --uid 10001 --gid stack --no-create-home --shell /usr/sbin/nologin stack \
    && install -d -o stack -g stack /run/secrets /data
COPY deploy/redis.conf /etc/stack/redis.conf
USER stack
WORKDIR /data
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
    CMD ["sh", "-c", "redis-cli ping | grep -qx PONG"]
ENTRYPOINT ["redis-server", "/etc/stack/redis.conf"]
