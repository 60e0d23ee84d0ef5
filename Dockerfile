# Builds where the bundle is made, and what it runs on. BASE needs a Node 24 on PATH or in /nodejs/bin, nothing else:
#   docker build --build-arg BASE=node:24-trixie-slim .
ARG BUILD=node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No install scripts: this stage has its own Node, and esbuild's binary is a package.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY operator operator
COPY hack/build hack/build
RUN node hack/build/main.ts

FROM ${BASE}
LABEL org.opencontainers.image.title="m365-operator" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /src/dist/ ./
COPY LICENSE ./
# One malloc arena, as the threads of Node would keep one each, mostly empty; and buffers go back to the system afterwards.
# Not the segments of 32 KB that V8's compilers use for a moment: a mapping for each cost a good part of a start (ADR 15).
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=49152
# By number, so that runAsNonRoot can be checked without a passwd file. Nothing is written below /.
USER 65532:65532
EXPOSE 8080 8081
# Without these V8 lets a heap of 60 MB grow to several hundred before it looks, and keeps what dies while it marks little by
# little. New objects get 8 MB (with 4 a tenth of the CPU more, with 16 some 25 MB more), and one thread collects: several
# took another tenth for handing work to each other. Nothing is collected before there are 64 MB: a start makes that much to
# keep. What lives long during a start lives short afterwards, and V8 would put all of it among the old from then on: not so
# without pretenuring. With --expose-gc the operator has the heap looked through when it has grown (heap-bound.ts): V8 would
# let it grow on, as nothing is marked little by little. V8's second optimizing compiler comes in after ten times as many
# calls as by itself: before, it works for functions that a start hardly calls again (ADR 16). Source maps would take 20 MB: the bundle keeps names and short lines, and its map lies beside it.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=20", "--no-incremental-marking", "--single-threaded-gc", "--initial-old-space-size=64", "--no-allocation-site-pretenuring", "--invocation-count-for-turbofan=30000", "--expose-gc", "/app/operator.mjs"]
CMD []
