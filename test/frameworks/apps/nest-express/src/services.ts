import { Injectable, type OnModuleInit } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { AuditService } from 'express-audit-ledger/nest';

/** Knows no request. */
@Injectable()
export class Things {
  constructor(private readonly audit: AuditService) {}

  async call() {
    await wait(5);
    await this.audit.event({ action: 'service.called' });
  }
}

@Injectable()
export class Uploads {
  constructor(private readonly audit: AuditService) {}

  async store(file: Buffer) {
    await this.audit.event({ action: 'file.uploaded', metadata: { bytes: file.length } });
  }
}

/** A worker that starts with the application, and takes jobs from requests. */
@Injectable()
export class Queue implements OnModuleInit {
  #take: (job: object) => void = () => undefined;

  constructor(private readonly audit: AuditService) {}

  onModuleInit() {
    void this.#work();
  }

  add(job: object) {
    this.#take(job);
  }

  async #work() {
    for (;;) {
      await new Promise((resolve) => (this.#take = resolve));
      await wait(20);
      await this.audit.event({ action: 'queue.ran', tenantId: 'queue' });
    }
  }
}
