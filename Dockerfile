# One file for every process: docker build --build-arg SERVICE=services/receiver .
# SERVICE is a workspace folder: services/*, packages/graph-simulator or scripts.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
RUN npm install --global pnpm@10.34.8
COPY pnpm-workspace.yaml pnpm-lock.yaml package.json .npmrc ./
RUN --mount=type=cache,id=pnpm,target=/root/.local/share/pnpm/store pnpm fetch
COPY . .
RUN --mount=type=cache,id=pnpm,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile --offline
RUN pnpm build && pnpm build:web
ARG SERVICE
# What this process needs at run time, and nothing else.
RUN pnpm --filter "./${SERVICE}" --prod --legacy deploy /out && test -d /out/dist/src

FROM ${NODE_IMAGE} AS run
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /out ./
# Volumes that are mounted here take over the owner.
RUN mkdir /tls /trust /state && chown node:node /tls /trust /state
# The image's own unprivileged user; it can write nowhere in here, so the file system may be read-only.
USER node
# Docker sends SIGTERM, which a service answers by draining and leaving within 10 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "const s=process.env.TLS_CERT_FILE?'https':'http';fetch(`${s}://localhost:${process.env.PORT}/readyz`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "dist/bundle/main.mjs"]
