"""Which settings there are: each section's name and the class that owns it, not yet imported."""

SECTIONS = {
    "budget": "quintet.platform.budget.settings:BudgetSettings",
    "consent": "quintet.platform.policy.gate:ConsentSettings",
    "http": "quintet.platform.http.message:HttpSettings",
    "keys": "quintet.platform.keys.settings:KeySettings",
    "life": "quintet.engines.life.settings:LifeSettings",
    "mcp": "quintet.app.mcp_settings:McpSettings",
    "models": "quintet.models.settings:ModelSettings",
    "record": "quintet.platform.record.settings:RecordSettings",
    "trace": "quintet.platform.trace.settings:TraceSettings",
    "video": "quintet.engines.video.settings:SceneSettings",
}
