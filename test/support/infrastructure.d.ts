/** What `pnpm test:int` and `pnpm test:e2e` put into the environment before node starts. */
export type TestServers = {
    readonly kafkaBrokers: string;
    readonly mongodbUri: string;
    readonly tlsCertFile: string;
    readonly tlsKeyFile: string;
    readonly caFile: string;
};
/** The real servers of this run. */
export declare const testServers: () => TestServers;
/** Mocha loads this file for int and e2e: a run without servers ends here, with the cure, not in fifty time-outs. */
export declare function mochaGlobalSetup(): void;
//# sourceMappingURL=infrastructure.d.ts.map