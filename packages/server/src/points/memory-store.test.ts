import { MemoryStore } from './memory-store.ts'
import { pointStoreContract } from './point-store.contract.ts'

pointStoreContract('memory', async () => ({ store: new MemoryStore() }))
