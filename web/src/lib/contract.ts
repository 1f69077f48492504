// SPDX-License-Identifier: MIT
// Made by types.mjs from http/openapi.yaml. Not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Id: string;
        /**
         * Format: uuid
         * @description A UUID of version 7.
         */
        JobId: string;
        /**
         * @description The application's name for a user. It means nothing here, and is compared byte by byte. 1 to 256 printable characters
         *     with no blank at either end.
         */
        UserId: string;
        /** @description The id of a stored picture, or, where `IMAGE_URL_ALLOW` names the host, the URL of one that is elsewhere. */
        ImageSource: components["schemas"]["Id"] | string;
        /** Format: date-time */
        Time: string;
        /** Format: date-time */
        TimeOrNull: string | null;
        /** @description Hours, minutes, seconds and milliseconds, such as `500ms`, `90s` or `1h30m`. */
        DurationText: string;
        /** @description A text such as `90s`, or whole nanoseconds. */
        Duration: components["schemas"]["DurationText"] | number;
        Dollars: number;
        Count: number;
        /** @enum {string} */
        JobType: "image_conversion" | "image_processing";
        /** @enum {string} */
        JobStatus: "pending" | "scheduled" | "processing" | "completed" | "failed" | "cancelled";
        /** @enum {string} */
        JobStage: "queued" | "downloading" | "converting" | "processing" | "uploading" | "recording" | "notifying" | "done";
        /**
         * @description Why something did not work. docs/api.md says of each class whether a job is tried again.
         * @enum {string}
         */
        ErrorClass: "timeout" | "connection" | "rate_limited" | "unavailable" | "server_error" | "worker_lost" | "no_image" | "invalid_input" | "authentication" | "permission" | "not_found" | "quota_exceeded" | "safety_blocked" | "cancelled" | "internal_bug" | "conflict" | "store_full" | "held" | "key_reused" | "ambiguous_call";
        /** @enum {string} */
        HealthState: "healthy" | "degraded" | "unhealthy" | "starting";
        /**
         * @description The circuit breaker, which stops calls to a provider that fails.
         * @enum {string}
         */
        BreakerState: "closed" | "open" | "half_open";
        /**
         * @default user
         * @enum {string}
         */
        ImageType: "user" | "vendor";
        /** @enum {string} */
        NotificationState: "open" | "delivered" | "given_up";
        /** @enum {string} */
        JobEventName: "conversion.completed" | "conversion.failed" | "conversion.cancelled" | "processing.completed" | "processing.failed" | "processing.cancelled";
        /** @enum {string} */
        AlertEventName: "alert.firing" | "alert.resolved";
        EventName: components["schemas"]["JobEventName"] | components["schemas"]["AlertEventName"];
        /** @description What went wrong (RFC 9457), with the former worker's fields `error` and `details`. */
        Problem: {
            /** @description The status in words. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What went wrong, for people. */
            detail: string;
            error: components["schemas"]["ErrorClass"];
            /** @description The same as `detail`. */
            details: string;
            /** @description Every bad field of the request. */
            errors?: components["schemas"]["FieldProblem"][];
        };
        FieldProblem: {
            /**
             * @description The field's path in the body (`payload.options.quality`), the name of a parameter or header, or `body` where
             *     the body as a whole is wrong.
             */
            field: string;
            /** @description What is wrong with it, and what is allowed. */
            message: string;
        };
        /** @description Why a job, or one of its attempts, did not work. */
        JobError: {
            class: components["schemas"]["ErrorClass"];
            /** @description For people. */
            message: string;
            /** @description Whether another attempt may succeed. */
            retryable: boolean;
        };
        JobRequest: components["schemas"]["ConversionRequest"] | components["schemas"]["ProcessingRequest"];
        /** @description Dress a user in a garment. */
        ConversionRequest: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_conversion";
            /** @description The application's name for the conversion. */
            conversionId: components["schemas"]["Id"];
            userId: components["schemas"]["UserId"];
            /**
             * @description 1 low, 5 normal, 10 high, 20 urgent; 0 means 5.
             * @default 5
             */
            priority?: number;
            /**
             * @description `low` for a job that can wait: its calls cost half, and the provider takes them when it has room.
             * @default normal
             * @enum {string}
             */
            urgency?: "normal" | "low";
            payload: components["schemas"]["ConversionPayload"];
            /**
             * Format: date-time
             * @description Not before that time; 366 days ahead at most.
             */
            runAt?: string;
            /** @description How often a failed attempt is followed by another; `RETRY_MAX_RETRIES` at most. */
            maxRetries?: number;
            /** @description Longest time for one attempt. 100 ms to 24 h. */
            timeout?: components["schemas"]["Duration"];
            /**
             * Format: uri
             * @description Where this job's notifications go instead of `WORKER_WEBHOOK_URL`. It takes an admin's key, and a host that
             *     `WORKER_WEBHOOK_URL_ALLOW` names.
             */
            webhookUrl?: string;
        };
        /** @description Scale, convert or strip a picture. */
        ProcessingRequest: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_processing";
            /** @description The conversion that it belongs to, if it does to one. */
            conversionId?: components["schemas"]["Id"];
            userId: components["schemas"]["UserId"];
            /**
             * @description 1 low, 5 normal, 10 high, 20 urgent; 0 means 5.
             * @default 5
             */
            priority?: number;
            /**
             * @description `low` for a job that can wait: its calls cost half, and the provider takes them when it has room.
             * @default normal
             * @enum {string}
             */
            urgency?: "normal" | "low";
            payload: components["schemas"]["ProcessingPayload"];
            /**
             * Format: date-time
             * @description Not before that time; 366 days ahead at most.
             */
            runAt?: string;
            /** @description How often a failed attempt is followed by another; `RETRY_MAX_RETRIES` at most. */
            maxRetries?: number;
            /** @description Longest time for one attempt. 100 ms to 24 h. */
            timeout?: components["schemas"]["Duration"];
            /**
             * Format: uri
             * @description Where this job's notifications go instead of `WORKER_WEBHOOK_URL`. It takes an admin's key, and a host that
             *     `WORKER_WEBHOOK_URL_ALLOW` names.
             */
            webhookUrl?: string;
        };
        ConversionPayload: {
            userImageId: components["schemas"]["ImageSource"];
            clothImageId: components["schemas"]["ImageSource"];
            options?: components["schemas"]["ConversionOptions"];
        };
        /** @description Unknown options are ignored. */
        ConversionOptions: {
            /** @description The wanted style, in the user's words. */
            style?: string;
            /**
             * @description `high` makes a larger picture.
             * @enum {string}
             */
            quality?: "draft" | "standard" | "high";
            /** @description A further wish. */
            prompt?: string;
            /**
             * @description Width to height. The default is the ratio nearest to the user's photo.
             * @enum {string}
             */
            aspectRatio?: "1:1" | "1:4" | "1:8" | "2:3" | "3:2" | "3:4" | "4:1" | "4:3" | "4:5" | "5:4" | "8:1" | "9:16" | "16:9" | "21:9";
            /**
             * @description How the result is stored.
             * @enum {string}
             */
            outputFormat?: "jpeg" | "png" | "webp";
            /**
             * @description Make a new picture, also where there is one of the same request.
             * @default false
             */
            noCache?: boolean;
        } & {
            [key: string]: unknown;
        };
        ProcessingPayload: {
            imageId: components["schemas"]["ImageSource"];
            options: components["schemas"]["ProcessingOptions"];
        };
        /** @description Unknown options are ignored. */
        ProcessingOptions: {
            /** @description Done in this order. */
            operations: components["schemas"]["ImageOperation"][];
        } & {
            [key: string]: unknown;
        };
        ImageOperation: components["schemas"]["Resize"] | components["schemas"]["Thumbnail"] | components["schemas"]["Convert"] | components["schemas"]["Strip"];
        /** @description `cover` and `fill` need both sides; `contain` keeps the ratio, and takes one or both. */
        Resize: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "resize";
            width?: number;
            height?: number;
            /**
             * @default contain
             * @enum {string}
             */
            fit?: "contain" | "cover" | "fill";
        } | {
            width: unknown;
        } | {
            height: unknown;
        };
        /** @description A small picture whose longer side has `size` pixels. */
        Thumbnail: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "thumbnail";
            size: number;
        };
        Convert: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "convert";
            /** @enum {string} */
            format: "jpeg" | "png" | "webp";
            /** @description Of JPEG and WebP; 0 means the usual one. */
            quality?: number;
        };
        /** @description Remove metadata. */
        Strip: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "strip";
        };
        BatchRequest: {
            jobs: components["schemas"]["JobRequest"][];
        };
        DeadLetterFilter: {
            type?: components["schemas"]["JobType"];
            userId?: components["schemas"]["UserId"];
            conversionId?: components["schemas"]["Id"];
            errorClass?: components["schemas"]["ErrorClass"];
        };
        Job: {
            id: components["schemas"]["JobId"];
            type: components["schemas"]["JobType"];
            conversionId?: components["schemas"]["Id"];
            /** @description The W3C trace that it is part of, if it is in one. */
            traceId?: string;
            userId: components["schemas"]["UserId"];
            priority: number;
            /**
             * @description Left out for a job of normal urgency.
             * @constant
             */
            urgency?: "low";
            status: components["schemas"]["JobStatus"];
            /**
             * @description It has lost its worker twice, and runs alone.
             * @constant
             */
            suspect?: true;
            /** @description Who works on it, or did last. */
            workerId?: string;
            /** @description Failed attempts that another followed. */
            retryCount: components["schemas"]["Count"];
            maxRetries: components["schemas"]["Count"];
            /** @description The job that it runs again. That one may be gone by its retention. */
            rerunOf?: components["schemas"]["JobId"];
            timeout: components["schemas"]["DurationText"];
            error?: components["schemas"]["JobError"];
            /** @description The message of `error`. */
            errorMessage?: string;
            /** @description Attempts that were handed back unfinished. */
            interruptions: components["schemas"]["Count"];
            /** @description Attempts whose worker was lost. */
            crashes: components["schemas"]["Count"];
            /** @description It was cancelled, or given up as ambiguous_call, and one of its calls may have been billed. */
            possiblyBilled: boolean;
            /** @description As submitted. */
            payload: components["schemas"]["ConversionPayload"] | components["schemas"]["ProcessingPayload"];
            progress: components["schemas"]["Progress"];
            /** @description The latest 20, the oldest first. */
            attempts: components["schemas"]["Attempt"][];
            /** @description The latest 20, the oldest first. */
            providerCalls: components["schemas"]["ProviderCall"][];
            /** @description Calls of unknown fate. */
            ambiguousCalls: components["schemas"]["Count"];
            result?: components["schemas"]["JobResult"];
            runAt?: components["schemas"]["Time"];
            /** @description The origin of the job's own web hook. */
            webhookReceiver?: string;
            /** @description Of a scheduled job, when it may run. */
            dueAt?: components["schemas"]["Time"];
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            /** @description When its latest attempt began. */
            startedAt?: components["schemas"]["Time"];
            /** @description When it ended, in whichever way. */
            completedAt?: components["schemas"]["Time"];
            waiting?: components["schemas"]["Waiting"];
            next?: components["schemas"]["NextStep"];
        };
        /** @description Why a job waits. Left out where it does not, and right after the start of the service. */
        Waiting: {
            /**
             * @description The first that applies.
             * @enum {string}
             */
            reason: "stopped" | "paused" | "budget" | "user_budget" | "quota" | "backoff" | "due_later" | "provider_closed" | "no_worker" | "suspect_alone" | "behind" | "dispatching";
            /** @description The type that is paused. */
            blockedBy?: components["schemas"]["JobType"];
            pause?: components["schemas"]["Pause"];
            until?: components["schemas"]["Time"];
            /** @description Waiting jobs that may go first. */
            aheadAtMost?: components["schemas"]["Count"];
            estimatedStartAt?: {
                from: components["schemas"]["Time"];
                to: components["schemas"]["Time"];
            };
        };
        /** @description What comes next for a job. */
        NextStep: {
            /** @enum {string} */
            action: "retry" | "run" | "none";
            at?: components["schemas"]["Time"];
            /** @description For people. */
            why: string;
        };
        /** @description How far the attempt is that runs, or how far the last one came. */
        Progress: {
            stage: components["schemas"]["JobStage"];
            percent: number;
        };
        Attempt: {
            /** @description Its number, which grows with each attempt and is never used again. */
            attempt: number;
            workerId: string;
            startedAt: components["schemas"]["Time"];
            /** @description Left out while it runs. */
            endedAt?: components["schemas"]["Time"];
            /** @description When each stage began. */
            stages?: {
                stage: components["schemas"]["JobStage"];
                startedAt: components["schemas"]["Time"];
            }[];
            error?: components["schemas"]["JobError"];
        };
        /** @description One call to the provider, in the ledger before it is sent. */
        ProviderCall: {
            /** @description The attempt that made it. */
            attempt: number;
            /**
             * @description `aborted`: given up by us; `ambiguous`: its worker was lost. Either may have been billed.
             * @enum {string}
             */
            state: "open" | "settled" | "aborted" | "ambiguous";
            openedAt: components["schemas"]["Time"];
            closedAt?: components["schemas"]["Time"];
            /** @description Of a settled call, `image` or the class of the error. */
            outcome?: "image" | components["schemas"]["ErrorClass"];
            tokens?: components["schemas"]["Count"];
            cost?: components["schemas"]["Dollars"];
        };
        /** @description The picture that a completed job has made. */
        JobResult: {
            imageId: components["schemas"]["Id"];
            url: string;
            thumbnailUrl: string;
            width: components["schemas"]["Count"];
            height: components["schemas"]["Count"];
            mimeType: string;
            bytes: components["schemas"]["Count"];
            /** @description No call was paid for it. */
            cached: boolean;
            /** @description The model that made it. */
            modelVersion?: string;
        };
        JobPage: {
            jobs: components["schemas"]["Job"][];
            /** @description For the next page; null on the last one. */
            nextCursor: string | null;
        };
        Batch: {
            /** Format: uuid */
            batchId: string;
            jobs: (components["schemas"]["Job"] | components["schemas"]["RefusedJob"])[];
        };
        /** @description In the place of a job that was refused. */
        RefusedJob: {
            error: components["schemas"]["JobError"];
        };
        RetryReport: {
            retried: components["schemas"]["Count"];
            /** @description Those for which there was no room in the queue. */
            refused: components["schemas"]["Count"];
        };
        /** @description The `data` of a `status` or `progress` event. */
        JobEvent: {
            jobId: components["schemas"]["JobId"];
            type: components["schemas"]["JobType"];
            userId: components["schemas"]["UserId"];
            status: components["schemas"]["JobStatus"];
            /** @description 0 before the first. */
            attempt: components["schemas"]["Count"];
            progress: components["schemas"]["Progress"];
            errorClass?: components["schemas"]["ErrorClass"];
            /** @description Of the result. */
            imageId?: components["schemas"]["Id"];
            /** @constant */
            suspect?: true;
            at: components["schemas"]["Time"];
        };
        /** @description The `data` of a `pause`, as `Pause`, or of a `resume`, with `by` where somebody has resumed the type. */
        PauseEvent: {
            type: components["schemas"]["JobType"];
            since?: components["schemas"]["Time"];
            until?: components["schemas"]["Time"];
            by?: string;
            reason?: string;
            at: components["schemas"]["Time"];
        };
        BulkRequest: {
            action: components["schemas"]["BulkAction"];
            filter: components["schemas"]["BulkFilter"];
            /** @default false */
            dryRun?: boolean;
            /** @description Of the dry run; needed without `dryRun`. */
            token?: string;
            /** @description The most jobs a minute. */
            ratePerMinute?: number;
        };
        /** @enum {string} */
        BulkAction: "retry" | "cancel" | "drop";
        /** @description Which jobs. It has to name something besides `status`, or say `all`. A list may be a text where it has one value. */
        BulkFilter: {
            /** @description Of `retry` and `drop`, `failed`; of `cancel`, `pending`, `scheduled` and `processing`. */
            status?: components["schemas"]["JobStatus"][];
            type?: components["schemas"]["JobType"][];
            errorClass?: components["schemas"]["ErrorClass"][];
            userId?: components["schemas"]["UserId"];
            conversionId?: components["schemas"]["Id"];
            /** @description The beginning of a job's id. */
            q?: string;
            since?: components["schemas"]["Time"];
            before?: components["schemas"]["Time"];
            /** @description Of `GET /worker/dead-letters/groups`. */
            group?: string;
            /** @description All jobs are meant. */
            all?: boolean;
        };
        BulkPreview: {
            action: components["schemas"]["BulkAction"];
            count: components["schemas"]["Count"];
            /** @description False where there are more than were counted. */
            isComplete: boolean;
            byStatus: {
                [key: string]: components["schemas"]["Count"];
            };
            samples: {
                id: components["schemas"]["JobId"];
                status: components["schemas"]["JobStatus"];
                userId: components["schemas"]["UserId"];
                errorClass?: components["schemas"]["ErrorClass"];
                errorMessage?: string;
                createdAt: components["schemas"]["Time"];
            }[];
            /** @description Of a retry, in US dollars. */
            cost?: {
                /** @description If every attempt makes a call that is as dear as one can be. */
                atMost: number;
                /** @description If each job needs one call that costs what those of today did. */
                expected?: number;
            };
            token: string;
            expiresAt: components["schemas"]["Time"];
        };
        Operation: {
            id: components["schemas"]["Id"];
            action: components["schemas"]["BulkAction"];
            /** @enum {string} */
            state: "running" | "done" | "stopped" | "failed";
            /** @description The name of the key that started it. */
            by: string;
            filter: {
                [key: string]: unknown;
            };
            total: components["schemas"]["Count"];
            done: components["schemas"]["Count"];
            refused: components["schemas"]["Count"];
            lastRefusal?: string;
            createdAt: components["schemas"]["Time"];
            endedAt: components["schemas"]["TimeOrNull"];
        };
        Operations: {
            operations: components["schemas"]["Operation"][];
        };
        DeadLetterGroups: {
            groups: {
                group: string;
                errorClass: components["schemas"]["ErrorClass"];
                /** @description Numbers, ids and addresses are replaced by `#`. */
                message: string;
                count: components["schemas"]["Count"];
                first?: components["schemas"]["Time"];
                last?: components["schemas"]["Time"];
                retryable: boolean;
                sampleJobId: components["schemas"]["JobId"];
            }[];
            /** @description How many dead letters were looked at. */
            looked: components["schemas"]["Count"];
            /** @description False where there are more. */
            isComplete: boolean;
        };
        EventTicketRequest: {
            /** @description The job to follow; without it, all jobs. */
            jobId?: components["schemas"]["JobId"];
            /** @description 1 s to 24 h. */
            expiresIn?: components["schemas"]["Duration"];
        };
        ImageLinkRequest: {
            /** @description 1 s to a week. */
            expiresIn?: components["schemas"]["Duration"];
        };
        Link: {
            /** @description A path and a query. Without configured keys the path alone. */
            url: string;
            /** @description The same for the thumbnail, where there is one. */
            thumbnailUrl?: string;
            expiresAt: components["schemas"]["Time"];
        };
        ImageForm: {
            /** @description The picture; the field may have any name. */
            file: string;
            userId?: components["schemas"]["UserId"];
            type?: components["schemas"]["ImageType"];
        };
        Image: {
            id: components["schemas"]["Id"];
            type: components["schemas"]["ImageType"];
            userId?: components["schemas"]["UserId"];
            fileName?: string;
            url: string;
            thumbnailUrl?: string;
            /** @description Of what is stored. */
            mimeType: string;
            /** @description Of what was sent. */
            sourceMimeType: string;
            bytes: components["schemas"]["Count"];
            width: components["schemas"]["Count"];
            height: components["schemas"]["Count"];
            /** @description SHA-256 of what is stored. */
            checksum: string;
            createdAt: components["schemas"]["Time"];
        };
        RedeliveryRequest: {
            job?: components["schemas"]["JobId"];
            event?: components["schemas"]["EventName"];
        };
        RedeliveryReport: {
            redelivered: components["schemas"]["Count"];
            hasMore: boolean;
        };
        /** @description Of a job or, with `alert`, of an alert. */
        Notification: {
            id: string;
            event: components["schemas"]["EventName"];
            state: components["schemas"]["NotificationState"];
            jobId?: components["schemas"]["JobId"];
            conversionId?: components["schemas"]["Id"];
            userId?: components["schemas"]["UserId"];
            alert?: components["schemas"]["AlertOfNotification"];
            /** @description The origin of the job's own web hook, if it has one. */
            receiver?: string;
            attempts: components["schemas"]["Count"];
            lastError?: {
                /**
                 * @description docs/api.md says what each means.
                 * @enum {string}
                 */
                problem: "unreachable" | "timeout" | "redirect" | "refused" | "not_found" | "rejected" | "rate_limited" | "failing" | "gone" | "not_allowed";
                message: string;
            };
            createdAt: components["schemas"]["Time"];
            /** @description Of an open one. */
            nextAttemptAt?: components["schemas"]["Time"];
            /** @description Of one that is not open. */
            endedAt?: components["schemas"]["Time"];
        };
        AlertOfNotification: {
            name: components["schemas"]["AlertName"];
            summary: string;
            /** @description The host that has found it. */
            instance: string;
            since: components["schemas"]["Time"];
        };
        NotificationPage: {
            notifications: components["schemas"]["Notification"][];
            /** @description For the next page; null on the last one. */
            nextCursor: string | null;
        };
        /** @description The body of a web hook. */
        JobNotice: {
            id: string;
            type: components["schemas"]["JobEventName"];
            /** @description The same as `type`. */
            event: components["schemas"]["JobEventName"];
            timestamp: components["schemas"]["Time"];
            data: {
                jobId: components["schemas"]["JobId"];
                /** @description Empty for a job that belongs to none. */
                conversionId: string;
                userId: components["schemas"]["UserId"];
                /** @enum {string} */
                status: "completed" | "failed" | "cancelled";
                error?: components["schemas"]["JobError"];
                result?: components["schemas"]["EventResult"];
            };
        };
        /** @description The body of a web hook that tells of an alert, with WORKER_ALERTS. */
        AlertNotice: {
            id: string;
            type: components["schemas"]["AlertEventName"];
            /** @description The same as `type`. */
            event: components["schemas"]["AlertEventName"];
            timestamp: components["schemas"]["Time"];
            data: {
                alert: components["schemas"]["AlertName"];
                summary: string;
                /** @description The host that has found it. */
                instance: string;
                since: components["schemas"]["Time"];
                /** @enum {string} */
                status: "firing" | "resolved";
            };
        };
        /**
         * @description docs/operations.md has what to do about each.
         * @enum {string}
         */
        AlertName: "NoWorkers" | "StoreFull" | "ProviderKeyRefused" | "BreakerOpen";
        EventResult: {
            imageId: components["schemas"]["Id"];
            url: string;
            thumbnailUrl: string;
            width: components["schemas"]["Count"];
            height: components["schemas"]["Count"];
            mimeType: string;
            bytes: components["schemas"]["Count"];
        };
        PauseRequest: {
            /** @description When the type goes on by itself: in 31 days at most. Without it and `for`, when somebody resumes it. */
            until?: components["schemas"]["Time"];
            /** @description The same, from now: 1 s to 31 days (744h). */
            for?: components["schemas"]["Duration"];
            /** @description For people, in one line: who sees that the type is paused sees why. */
            reason?: string;
        };
        /** @description That no job of a type is given out. */
        Pause: {
            type: components["schemas"]["JobType"];
            /** @description Left out where an earlier version has paused it. */
            since?: components["schemas"]["Time"];
            /** @description It goes on by itself then. Left out: when somebody resumes it. */
            until?: components["schemas"]["Time"];
            /** @description The name of the key by which it was paused. */
            by?: string;
            reason?: string;
        };
        /** @description What is known of each pause. */
        Pauses: components["schemas"]["Pause"][];
        PauseChange: {
            message: string;
            pause?: components["schemas"]["Pause"];
            timestamp: components["schemas"]["Time"];
        };
        Message: {
            message: string;
            timestamp: components["schemas"]["Time"];
        };
        Session: {
            signedIn: boolean;
            /** @description Whether keys are configured. */
            keyNeeded: boolean;
            /** @description The name of the key; empty without keys. */
            name?: string;
            /** @enum {string} */
            role?: "viewer" | "submitter" | "admin";
            /** @description Empty for a key for all users. */
            users?: components["schemas"]["UserId"][];
            /** @description Of the program. */
            version?: string;
            /** @description When the session ends. */
            expiresAt?: components["schemas"]["TimeOrNull"];
            /** @description `WORKER_INSTANCE_NAME`. */
            instance: string;
            serverTime: components["schemas"]["Time"];
        };
        /**
         * @description A part that restarts is null. A key for some users sees `at`, `scope`, `instance`, and of queue and provider what
         *     concerns everybody.
         */
        Overview: {
            at: components["schemas"]["Time"];
            /** @enum {string} */
            scope: "all" | "users";
            instance: string;
            coordinators?: number;
            queue: {
                /** @enum {string} */
                state: "running" | "draining" | "stopped";
                pausedTypes: components["schemas"]["JobType"][];
                pauses: components["schemas"]["Pauses"];
                /** @description Seconds that the oldest pending job has waited. */
                queueAge?: number;
                jobs?: {
                    [key: string]: components["schemas"]["Count"];
                };
                types?: {
                    [key: string]: {
                        [key: string]: components["schemas"]["Count"];
                    };
                };
            } | null;
            workers?: {
                total: components["schemas"]["Count"];
                busy: components["schemas"]["Count"];
                nodes: {
                    node: string;
                    total: components["schemas"]["Count"];
                    busy: components["schemas"]["Count"];
                }[];
            } | null;
            provider: {
                breaker: components["schemas"]["BreakerState"];
                closedUntil: components["schemas"]["TimeOrNull"];
                closedReason?: string;
                callsInFlight?: components["schemas"]["Count"];
                callsWaiting?: components["schemas"]["Count"];
                maxInFlight?: components["schemas"]["Count"];
                requestsPerMinute?: number | null;
                model?: string;
            } | null;
            costs?: {
                day: string;
                /** @constant */
                currency: "USD";
                total: components["schemas"]["Dollars"];
                reserved: components["schemas"]["Dollars"];
                budgetPerDay: number | null;
                resetsAt: components["schemas"]["TimeOrNull"];
                /** @description In the last hour. */
                perHour: components["schemas"]["Dollars"];
                /** @description When the budget is spent at that rate, before it begins anew. */
                usedUpAt?: components["schemas"]["Time"];
            } | null;
            /** @description Quantiles by stage, in milliseconds. */
            stages?: {
                [key: string]: {
                    [key: string]: number;
                };
            } | null;
            /**
             * @description Seconds between two points.
             * @enum {integer}
             */
            step?: 1 | 60;
            /**
             * @description Lists of one length, that of `time` (Unix seconds). What is not known is null. `latency` has lists by stage and
             *     quantile, `failures` those of failed attempts by class.
             */
            series?: {
                latency: {
                    [key: string]: {
                        [key: string]: components["schemas"]["Series"];
                    };
                };
                failures: {
                    [key: string]: components["schemas"]["Series"];
                };
                time: components["schemas"]["Series"];
                submitted?: components["schemas"]["Series"];
                completed?: components["schemas"]["Series"];
                failed?: components["schemas"]["Series"];
                cancelled?: components["schemas"]["Series"];
                pending?: components["schemas"]["Series"];
                processing?: components["schemas"]["Series"];
                queueAge?: components["schemas"]["Series"];
                busyWorkers?: components["schemas"]["Series"];
                callsInFlight?: components["schemas"]["Series"];
                cost?: components["schemas"]["Series"];
            };
        };
        Series: (number | null)[];
        Status: {
            totalJobs: components["schemas"]["Count"];
            pendingJobs: components["schemas"]["Count"];
            scheduledJobs: components["schemas"]["Count"];
            processingJobs: components["schemas"]["Count"];
            completedJobs: components["schemas"]["Count"];
            failedJobs: components["schemas"]["Count"];
            cancelledJobs: components["schemas"]["Count"];
            activeWorkers: components["schemas"]["Count"];
            /** @description In milliseconds. */
            averageJobTime: number;
            successRate: number;
            /** @description When the last job ended. */
            lastJobTime: components["schemas"]["TimeOrNull"];
            /** @enum {string} */
            state: "running" | "draining" | "stopped";
            pausedTypes: components["schemas"]["JobType"][];
            pauses: components["schemas"]["Pauses"];
        };
        /**
         * @description The status, with `queueAge`, how long the oldest pending job has waited, and, where they could be had, counts by type
         *     and quantiles by stage.
         */
        Stats: {
            totalJobs: components["schemas"]["Count"];
            pendingJobs: components["schemas"]["Count"];
            scheduledJobs: components["schemas"]["Count"];
            processingJobs: components["schemas"]["Count"];
            completedJobs: components["schemas"]["Count"];
            failedJobs: components["schemas"]["Count"];
            cancelledJobs: components["schemas"]["Count"];
            activeWorkers: components["schemas"]["Count"];
            /** @description In milliseconds. */
            averageJobTime: number;
            successRate: number;
            /** @description When the last job ended. */
            lastJobTime: components["schemas"]["TimeOrNull"];
            /** @enum {string} */
            state: "running" | "draining" | "stopped";
            pausedTypes: components["schemas"]["JobType"][];
            pauses: components["schemas"]["Pauses"];
            queueAge?: components["schemas"]["DurationText"];
            /** @description By type of job. */
            types?: {
                [key: string]: {
                    completed: components["schemas"]["Count"];
                    failed: components["schemas"]["Count"];
                    cancelled: components["schemas"]["Count"];
                };
            };
            /** @description By stage; milliseconds. */
            stages?: {
                [key: string]: {
                    count: components["schemas"]["Count"];
                    p50: number;
                    p90: number;
                    p99: number;
                };
            };
        };
        /** @description By part: queue, storage, codec, database, gemini, provider_setup, notifications. */
        Checks: {
            [key: string]: {
                status: components["schemas"]["HealthState"];
                /** @description Why it is not healthy, for keys that may know. */
                message?: string;
                took: components["schemas"]["DurationText"];
            };
        };
        Health: {
            status: components["schemas"]["HealthState"];
            /** @description Whether it takes work. */
            ready: boolean;
            /** @description Of the program, for keys that may know. */
            version?: string;
            timestamp: components["schemas"]["Time"];
            checks: components["schemas"]["Checks"];
        };
        WorkerHealth: {
            workerId: string;
            status: components["schemas"]["HealthState"];
            lastSeen: components["schemas"]["TimeOrNull"];
            jobsProcessed: components["schemas"]["Count"];
            /**
             * Format: uuid
             * @description A job that is worked on; null where there is none.
             */
            currentJob: string | null;
            uptime: components["schemas"]["DurationText"];
            checks: components["schemas"]["Checks"];
        };
        Workers: {
            workers: {
                workerId: string;
                node: string;
                /** @enum {string} */
                status: "busy" | "idle";
                lastSeen: components["schemas"]["TimeOrNull"];
                jobsProcessed: components["schemas"]["Count"];
                /**
                 * Format: uuid
                 * @description A job that is worked on; null where there is none.
                 */
                currentJob: string | null;
                uptime: components["schemas"]["DurationText"];
                restarts: components["schemas"]["Count"];
            }[];
        };
        Tree: {
            uptime: components["schemas"]["DurationText"];
            /** @description One restart more than `maxRestarts` within `window` ends the service. */
            intensity: {
                maxRestarts: components["schemas"]["Count"];
                window: components["schemas"]["DurationText"];
                recent: components["schemas"]["Count"];
            };
            /** @description Actors that were stuck and have been replaced. */
            writtenOff: components["schemas"]["Count"];
            core: components["schemas"]["TreeGroup"];
            workers: components["schemas"]["TreeGroup"];
        };
        TreeGroup: {
            /** @enum {string} */
            strategy: "rest_for_one" | "one_for_one";
            children: {
                name: string;
                /** @enum {string} */
                state: "running" | "ending" | "backing_off" | "waiting" | "stopped";
                /** @enum {string} */
                restart: "permanent" | "transient" | "temporary";
                dependsOn: string[];
                restarts: components["schemas"]["Count"];
                uptime: components["schemas"]["DurationText"];
                /** @description Messages that wait. */
                mailbox: components["schemas"]["Count"];
                lastFailure: {
                    at: components["schemas"]["Time"];
                    message: string;
                } | null;
            }[];
        };
        Provider: {
            breaker: components["schemas"]["BreakerState"];
            callsInFlight: components["schemas"]["Count"];
            callsWaiting: components["schemas"]["Count"];
            /** @description As found out so far. */
            maxInFlight: components["schemas"]["Count"];
            /** @description Those that share these limits. */
            coordinators: components["schemas"]["Count"];
            /** @description The quota as learned; null where none is known. */
            requestsPerMinute: number | null;
            /** @description No call is made before that. */
            closedUntil: components["schemas"]["TimeOrNull"];
            closedReason?: string;
            calls: components["schemas"]["Count"];
            failedCalls: components["schemas"]["Count"];
            /** @description The one that makes the pictures now. */
            model: string;
            models: {
                name: string;
                breaker: components["schemas"]["BreakerState"];
                /** @description The provider did not know it when asked last. */
                retiredUntil: components["schemas"]["TimeOrNull"];
                calls: components["schemas"]["Count"];
            }[];
            lastSuccess: components["schemas"]["TimeOrNull"];
            lastFailure: components["schemas"]["TimeOrNull"];
            lastError?: {
                class: components["schemas"]["ErrorClass"];
                message: string;
            };
        };
        Spending: {
            calls: components["schemas"]["Count"];
            promptTokens: components["schemas"]["Count"];
            textTokens: components["schemas"]["Count"];
            imageTokens: components["schemas"]["Count"];
            cost: components["schemas"]["Dollars"];
        };
        Costs: {
            /** @description The provider's day. */
            day: string;
            /** @constant */
            currency: "USD";
            resetsAt: components["schemas"]["TimeOrNull"];
            total: components["schemas"]["Spending"];
            /** @description For calls in flight. */
            reserved: components["schemas"]["Dollars"];
            /** @description Null where there is none. */
            budgetPerDay: number | null;
            /** @description Null where there is none. */
            budgetPerUser: number | null;
            users: {
                userId: components["schemas"]["UserId"];
                calls: components["schemas"]["Count"];
                promptTokens: components["schemas"]["Count"];
                textTokens: components["schemas"]["Count"];
                imageTokens: components["schemas"]["Count"];
                cost: components["schemas"]["Dollars"];
            }[];
        };
        FaultRequest: {
            /** @description Its name, as `GET /worker/tree` shows it. */
            actor: string;
            /** @description Hang for so long instead, ten minutes at most. */
            hangFor?: components["schemas"]["Duration"];
        };
        /** @enum {string} */
        AuditOutcome: "succeeded" | "refused" | "failed";
        AuditPage: {
            records: {
                sequence: components["schemas"]["Count"];
                time?: components["schemas"]["Time"];
                /** @description The address. */
                who: string;
                /** @description The name of the caller's key. */
                key?: string;
                action: string;
                target?: string;
                requestId?: string;
                /** @description Of the answer. */
                status: number;
                outcome: components["schemas"]["AuditOutcome"];
                /** @description What was changed, from what to what. */
                details?: string;
                /** @description Of a sum of strangers' calls, how many. */
                calls?: components["schemas"]["Count"];
            }[];
            /** @description For the next page; null on the last one. */
            nextCursor: string | null;
            /** @description Whose trail it is. */
            trail: string;
            head: {
                sequence: components["schemas"]["Count"];
                hash: string;
            };
        };
        Erasure: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "running" | "done";
            /** @description A tag that stands for the user's id. */
            user: string;
            requestedAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            /** @description How much of each kind has been removed. */
            erased: {
                jobs: components["schemas"]["Count"];
                images: components["schemas"]["Count"];
                conversions: components["schemas"]["Count"];
                notifications: components["schemas"]["Count"];
                cachedPictures: components["schemas"]["Count"];
                spendingDays: components["schemas"]["Count"];
            };
            /** @description Why it could not go on at the last try. */
            lastError?: string;
        };
        /** @description Durations are texts. */
        OptionValue: string | number | boolean;
        /**
         * @description Every option by its name in JSON; docs/configuration.md describes them all. The former worker's are listed here. The
         *     names with a dot are in objects of their own: `gemini`, `retry` and `tracing`.
         */
        Settings: {
            maxWorkers: number;
            jobTimeout: components["schemas"]["DurationText"];
            retryDelay: components["schemas"]["DurationText"];
            maxRetries: components["schemas"]["Count"];
            pollInterval?: components["schemas"]["DurationText"];
            cleanupInterval?: components["schemas"]["DurationText"];
            healthCheckPort?: number;
            enableMetrics?: boolean;
            enableHealthCheck?: boolean;
            gemini: {
                [key: string]: components["schemas"]["OptionValue"];
            };
            retry: {
                [key: string]: components["schemas"]["OptionValue"];
            };
            tracing?: {
                [key: string]: components["schemas"]["OptionValue"];
            };
        } & {
            [key: string]: components["schemas"]["OptionValue"];
        };
        /** @description Options that are live, by their names in JSON. Durations are texts or whole nanoseconds. */
        SettingsChange: {
            [key: string]: components["schemas"]["OptionValue"] | {
                [key: string]: components["schemas"]["OptionValue"];
            };
        };
        SettingsUpdate: {
            message: string;
            config: components["schemas"]["Settings"];
            timestamp: components["schemas"]["Time"];
        };
        /** @description What a change would do (`dryRun`). */
        SettingsPreview: {
            /** @constant */
            dryRun: true;
            changes: {
                name: string;
                before: components["schemas"]["OptionValue"];
                after: components["schemas"]["OptionValue"];
            }[];
            config: components["schemas"]["Settings"];
            timestamp: components["schemas"]["Time"];
        };
        SettingsSchema: {
            options: {
                /** @description In JSON, with a dot for what is in an object. */
                name: string;
                /** @description The environment variable. */
                variable: string;
                /** @enum {string} */
                kind: "number" | "boolean" | "text";
                /** @description `***` for a secret. */
                value: components["schemas"]["OptionValue"];
                default: components["schemas"]["OptionValue"];
                isDefault: boolean;
                allowed: string;
                /** @description It can be changed while the service runs. */
                isLive: boolean;
                isSecret: boolean;
                description: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
